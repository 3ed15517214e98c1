// What makes the console's pages quicker. Without it the forms do the same: it sends them without leaving the page, so that nothing that
// was typed is lost when the connection is; it looks for contributors as one types; and it drives the bank's upload and queue.
"use strict";
(() => {
  const told = (form) => {
    let p = form.querySelector(".sent");
    if (!p) {
      p = document.createElement("p");
      p.className = "sent";
      p.setAttribute("role", "status");
      form.append(p);
    }
    p.hidden = false;
    return p.querySelector("span") || p;
  };
  const broken = "The connection broke. What you typed is still here, and nothing is done twice: send it again.";

  // show puts what the server answered in place of what is shown, and leads to what is wrong or new in it.
  const show = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html"), main = page.querySelector("main");
    if (!main) return false;
    for (const part of ["header.top", "main"]) { // the header, too: another person may be signed in now
      const fresh = page.querySelector(part);
      document.querySelector(part).replaceWith(document.adoptNode(fresh));
    }
    document.title = page.title;
    const first = [".faults", "[aria-invalid]", ".notice", "section.preview", "h1"].map((what) => main.querySelector(what)).find((found) => found);
    if (first) {
      if (!first.matches("input, select, textarea")) first.tabIndex = -1;
      first.focus();
      first.scrollIntoView({ block: "center" });
    }
    return true;
  };

  document.addEventListener("submit", async (e) => {
    const form = e.target;
    if (e.defaultPrevented || form.getAttribute("method") !== "post" || !form.closest("main") || form.matches(".upload")) return;
    e.preventDefault();
    if (form.dataset.sent) return; // one is under way, however often the button is pressed
    form.dataset.sent = "yes";
    const pressed = e.submitter || form.querySelector("button"), button = pressed.matches(".first") ? form.querySelector("button.main") : pressed, text = button.textContent;
    const body = new URLSearchParams(new FormData(form, e.submitter));
    button.textContent = "Working…";
    button.setAttribute("aria-busy", "true");
    told(form).textContent = "Sent; waiting for the answer.";
    const again = (why) => {
      delete form.dataset.sent;
      button.textContent = text;
      button.removeAttribute("aria-busy");
      told(form).textContent = why;
    };
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body });
      if (answer.redirected) {
        form.dataset.done = "yes";
        location.assign(answer.url);
        return;
      }
      if (!show(await answer.text())) again("The server could not take it: send it again in a moment.");
    } catch {
      again(broken);
    }
  });
  // Behind the button Back stands no form that was sent already.
  window.addEventListener("pageshow", (e) => {
    if (e.persisted && document.querySelector("form[data-done]")) location.reload();
  });

  // A contributor is looked for as its name is typed.
  let waiting, asked;
  document.addEventListener("input", (e) => {
    const input = e.target;
    if (!input.dataset || !input.dataset.find) return;
    const say = document.getElementById(input.id + "-found");
    clearTimeout(waiting);
    if (asked) asked.abort();
    const typed = input.value.trim();
    if (!typed || [...input.list.options].some((o) => o.value === input.value)) { say.textContent = ""; return; }
    waiting = setTimeout(async () => {
      const mine = asked = new AbortController();
      try {
        const answer = await fetch(input.dataset.find + "?" + new URLSearchParams({ name: typed }), { signal: mine.signal, headers: { Accept: "application/json" } });
        if (!answer.ok || answer.redirected) throw new Error(answer.status);
        const page = await answer.json();
        if (mine.signal.aborted) return; // it was whole before it was broken off
        input.list.replaceChildren(...page.items.map((g) => new Option(g.name, g.code)));
        say.textContent = page.next_cursor ? "The first " + page.items.length + " found; type more." : page.items.length ? page.items.length + " found" : "No contributor has this in its code or its names.";
      } catch (fault) {
        if (fault.name !== "AbortError") say.textContent = "Contributors could not be looked up just now.";
      }
    }, 150);
  });

  // The open pledges of a receipt's contributor, and what is proposed for them, follow what is typed. The server finds both; what was
  // typed while its answer was under way stays.
  let later, looking, changed = 0, placed = 0; // how often more than an applied amount has changed: until now, and until what stands there was asked for
  const place = (form, page, asked) => {
    const old = form.querySelector("#open-pledges"), fresh = page.querySelector("#open-pledges"), at = document.activeElement;
    const marked = old.contains(at) && at.matches("input") && [at.selectionStart, at.selectionEnd];
    for (const input of old.querySelectorAll("input:not([type=hidden])")) {
      const same = fresh.querySelector(`[name="${input.name}"]`);
      if (same && input.value !== asked.get(input.name)) same.value = input.value;
    }
    old.replaceWith(document.adoptNode(fresh));
    if (marked && form.elements[at.name]) {
      form.elements[at.name].focus();
      form.elements[at.name].setSelectionRange(...marked);
    }
  };
  const lookForPledges = async (form) => {
    const say = form.querySelector("#pledges-said");
    if (looking) looking.abort();
    const mine = looking = new AbortController();
    const asked = new FormData(form), known = changed;
    asked.set("step", "pledges");
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(asked), signal: mine.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine.signal.aborted) return; // it was whole before it was broken off: a later one is under way
      if (page.querySelector("[name=_again]")) {
        say.textContent = "You are not signed in any more. What you typed is still here: the preview lets you sign in again.";
        return;
      }
      if (!answer.ok) throw new Error(answer.status);
      if (!form.isConnected || form.dataset.sent) return;
      const aimed = form.querySelector("button:hover");
      if (aimed) { // the rows would push it away from under the pointer
        aimed.addEventListener("pointerleave", () => lookForPledges(form), { once: true });
        return;
      }
      if (known !== placed) place(form, page, asked);
      placed = known;
      say.textContent = (page.querySelector("#contributor-fault") || page.querySelector("#pledges-said")).textContent;
    } catch (fault) {
      if (fault.name !== "AbortError") say.textContent = "The open pledges could not be looked up just now; the preview shows them.";
    }
  };
  const followPledges = (e) => {
    const input = e.target, form = input.form, applied = form && input.name.startsWith("apply.");
    if (!form || !form.matches(".receipt") || !applied && !["contributor", "amount", "currency", "charges"].includes(input.name)) return;
    if (input.name === "contributor") {
      const chosen = [...input.list.options].some((o) => o.value === input.value);
      if (chosen !== (e.type === "input")) return; // one that is typed out is looked for when the field is left
    } else if (e.type !== "input" || !form.elements.contributor.value.trim()) return;
    if (!applied) changed++;
    clearTimeout(later);
    later = setTimeout(() => lookForPledges(form), 250);
  };
  document.addEventListener("input", followPledges);
  document.addEventListener("change", followPledges);

  // The rows of the items of a pledge in kind come and go here; without a script, the server adds and removes them.
  const number = (list) => {
    const items = [...list.children];
    items.forEach((item, n) => {
      item.querySelector("legend").textContent = "Item " + (n + 1);
      for (const e of item.querySelectorAll("[name], [id], [aria-describedby]"))
        for (const a of ["name", "id", "aria-describedby"])
          if (e.hasAttribute(a)) e.setAttribute(a, e.getAttribute(a).replace(/_items\/\d+/, "_items/" + n));
      const remove = item.querySelector("[name=_row]");
      remove.value = "remove " + n;
      remove.hidden = items.length === 1;
      remove.querySelector(".said").textContent = " item " + (n + 1);
    });
    list.closest("form").querySelector(".add").hidden = items.length >= list.dataset.most;
    return items;
  };
  const emptied = (item) => {
    item.querySelectorAll(".fault").forEach((f) => f.remove());
    item.querySelectorAll(".wrong").forEach((f) => f.classList.remove("wrong"));
    for (const input of item.querySelectorAll("input, select")) {
      input.removeAttribute("aria-invalid");
      input.removeAttribute("aria-describedby");
      if (input.matches("select")) input.selectedIndex = 0;
      else input.value = "";
    }
    return item;
  };
  document.addEventListener("click", (e) => {
    const button = e.target.closest("form.offer [name=_row]");
    if (!button || button.form.dataset.sent) return;
    e.preventDefault();
    const form = button.form, list = form.querySelector(".items"), item = button.closest(".item"), at = [...list.children].indexOf(item);
    let items, say;
    if (item) {
      item.remove();
      items = number(list);
      say = "Item " + (at + 1) + " is removed; " + items.length + " left.";
    } else {
      list.append(emptied(list.lastElementChild.cloneNode(true)));
      items = number(list);
      say = "Item " + items.length + " is added.";
    }
    items.at(item ? Math.min(at, items.length - 1) : -1).querySelector("input").focus();
    form.querySelector("#items-said").textContent = say;
  });

  const upload = document.querySelector("form.upload");
  if (upload) {
    const file = upload.querySelector("input[type=file]"), bar = upload.querySelector("progress"), text = upload.querySelector(".sent span");
    const send = () => {
      const request = new XMLHttpRequest();
      told(upload).textContent = "Sending " + file.files[0].name;
      request.upload.onprogress = (e) => { if (e.lengthComputable) bar.value = 100 * e.loaded / e.total; };
      request.upload.onload = () => { bar.removeAttribute("value"); text.textContent = "Reading " + file.files[0].name; };
      request.onerror = () => { text.textContent = "The connection broke. Nothing is taken twice: send the file again."; };
      request.onload = () => {
        if (request.status < 400) { location.assign(request.responseURL); return; }
        const shown = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("main");
        if (shown && shown.querySelector("[name=_again]")) { show(request.responseText); return; } // to sign in first
        if (!shown) { text.textContent = "The file was not taken."; return; }
        upload.querySelector(".sent").hidden = true;
        const faults = shown.querySelectorAll(".faults, .fault, h1 + p");
        document.querySelectorAll(".faults").forEach((f) => f.remove());
        const list = document.createElement("div");
        list.className = "faults";
        list.setAttribute("role", "alert");
        faults.forEach((f) => { const p = document.createElement("p"); p.textContent = f.textContent; list.append(p); });
        upload.before(list);
        upload.querySelector("[name=key]").value = crypto.randomUUID();
      };
      request.open("POST", upload.getAttribute("action"));
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

  // The queue of the bank's lines, by its keys. The lines are read anew each time: a refused decision is shown in place.
  const lines = () => [...document.querySelectorAll("form.line")];
  const here = () => Math.max(0, lines().findIndex((l) => l.contains(document.activeElement)));
  const go = (to) => {
    const all = lines(), line = all[Math.min(Math.max(to, 0), all.length - 1)];
    line.focus();
    line.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (e) => {
    if (!lines().length || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.target.closest("input:not([type=radio]), select, textarea, a, button")) return;
    if (e.key === "j") go(here() + 1);
    else if (e.key === "k") go(here() - 1);
    else if (e.key === "Enter" && !e.repeat) lines()[here()].requestSubmit();
    else return;
    e.preventDefault();
  });
  window.addEventListener("pageshow", () => {
    if (lines().length) go(Math.max(0, lines().findIndex((l) => l.querySelector(".faults"))));
  });
})();
