// What makes the bank's pages quicker: a file that is dropped, its progress, and the keys of the queue. Without it the forms do the same.
"use strict";
(() => {
  const upload = document.querySelector("form.upload");
  if (upload) {
    const file = upload.querySelector("input[type=file]"), told = upload.querySelector(".sent");
    const bar = told.querySelector("progress"), text = told.querySelector("span");
    const send = () => {
      const request = new XMLHttpRequest();
      told.hidden = false;
      text.textContent = "Sending " + file.files[0].name;
      request.upload.onprogress = (e) => { if (e.lengthComputable) bar.value = 100 * e.loaded / e.total; };
      request.upload.onload = () => { bar.removeAttribute("value"); text.textContent = "Reading " + file.files[0].name; };
      request.onerror = () => { text.textContent = "The connection broke. Nothing is taken twice: send the file again."; };
      request.onload = () => {
        const page = new URL(request.responseURL);
        if (request.status < 400) { location.assign(page); return; }
        const shown = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main");
        told.hidden = true;
        if (!shown) { told.hidden = false; text.textContent = "The file was not taken."; return; }
        const faults = shown.querySelectorAll(".faults, .fault, h1 + p");
        document.querySelectorAll(".faults").forEach((f) => f.remove());
        const list = document.createElement("div");
        list.className = "faults";
        list.setAttribute("role", "alert");
        faults.forEach((f) => { const p = document.createElement("p"); p.textContent = f.textContent; list.append(p); });
        upload.before(list);
        upload.querySelector("[name=key]").value = crypto.randomUUID();
      };
      request.open("POST", upload.action);
      request.send(new FormData(upload));
    };
    upload.addEventListener("submit", (e) => { e.preventDefault(); send(); });
    upload.addEventListener("dragover", (e) => { e.preventDefault(); upload.classList.add("over"); });
    upload.addEventListener("dragleave", () => upload.classList.remove("over"));
    upload.addEventListener("drop", (e) => {
      e.preventDefault();
      upload.classList.remove("over");
      if (e.dataTransfer.files.length === 1) { file.files = e.dataTransfer.files; upload.requestSubmit(); }
    });
  }

  const lines = [...document.querySelectorAll("form.line")];
  if (lines.length) {
    let at = Math.max(0, lines.findIndex((l) => l.querySelector(".faults")));
    const go = (to) => { at = Math.min(Math.max(to, 0), lines.length - 1); lines[at].focus(); lines[at].scrollIntoView({ block: "nearest" }); };
    lines.forEach((l, i) => {
      l.addEventListener("focusin", () => { at = i; });
      // One decision is sent once, however often the key is pressed.
      l.addEventListener("submit", (e) => { if (l.dataset.sent) e.preventDefault(); l.dataset.sent = "yes"; });
    });
    document.addEventListener("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
      if (e.target.closest("input:not([type=radio]), select, textarea, a, button")) return;
      if (e.key === "j") go(at + 1);
      else if (e.key === "k") go(at - 1);
      else if (e.key === "Enter" && !e.repeat) lines[at].requestSubmit();
      else return;
      e.preventDefault();
    });
    window.addEventListener("pageshow", () => { lines.forEach((l) => { delete l.dataset.sent; }); go(at); });
  }
})();
