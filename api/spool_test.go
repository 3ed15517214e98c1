package api

import (
	"bytes"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"strconv"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/humatest"
)

// TestSpool sends documents of any length as they were written, with their hash and their length before them, and leaves no file behind.
func TestSpool(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for _, size := range []int{0, 1, spooledFrom, spooledFrom + 1, 3*spooledFrom + 7} {
		document := make([]byte, size)
		for i := range document {
			document[i] = byte(rand.Uint32())
		}
		s := newSpool()
		for part := range bytes.Lines(document) { // of many lengths
			if n, err := s.Write(part); n != len(part) || err != nil {
				t.Fatalf("%d bytes of %d were written: %v", n, len(part), err)
			}
		}
		if long := s.file != nil; long != (size > spooledFrom) {
			t.Errorf("%d bytes: in a file %t", size, long)
		}
		etag, err := s.finish()
		if err != nil || etag != etagOf(document) {
			t.Errorf("%d bytes have the tag %s, %v; want %s", size, etag, err, etagOf(document))
		}
		w := httptest.NewRecorder()
		s.send(humatest.NewContext(&huma.Operation{}, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil), w))
		if w.Code != 200 || !bytes.Equal(w.Body.Bytes(), document) || w.Header().Get("Content-Length") != strconv.Itoa(size) {
			t.Errorf("%d bytes were sent as %d of the length %s, with %d", size, w.Body.Len(), w.Header().Get("Content-Length"), w.Code)
		}
		if s.file != nil && s.file.Close() == nil {
			t.Errorf("%d bytes: the file was still open", size)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestSpoolWithoutRoom says that a long document cannot be kept, instead of sending a part of it; a short one needs no file.
func TestSpoolWithoutRoom(t *testing.T) {
	t.Setenv("TMPDIR", "/nowhere")
	s := newSpool()
	if _, err := s.Write(make([]byte, spooledFrom)); err != nil {
		t.Errorf("a short document: %v", err)
	}
	if _, err := s.Write([]byte{0}); err == nil {
		t.Error("a long document was kept nowhere")
	}
	s.drop()
}
