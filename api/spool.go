package api

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// spooledFrom is from how many bytes on a document waits in a file until it is sent. The largest have some 30 MB, and many may be
// on their way to slow readers at once.
const spooledFrom = 1 << 20

// spool takes a document as it is made, and sends it when its hash and its length are known, which stand before it in the answer.
type spool struct {
	hash   hash.Hash
	memory bytes.Buffer
	file   *os.File // has the document when it is long; it has no name any more, and ends with the process at the latest
	out    *bufio.Writer
	size   int64
}

func newSpool() *spool { return &spool{hash: sha256.New()} }

func (s *spool) Write(p []byte) (int, error) {
	s.hash.Write(p)
	s.size += int64(len(p))
	if s.file == nil && s.size > spooledFrom {
		if err := s.toFile(); err != nil {
			return 0, err
		}
	}
	if s.file != nil {
		return s.out.Write(p)
	}
	return s.memory.Write(p)
}

// toFile goes on in a file.
func (s *spool) toFile() (err error) {
	if s.file, err = os.CreateTemp("", "vcledger-document-*"); err != nil {
		return fmt.Errorf("keep a long document: %w", err)
	}
	s.out = bufio.NewWriterSize(s.file, 64<<10)
	if err := os.Remove(s.file.Name()); err != nil {
		return fmt.Errorf("keep a long document: %w", err)
	}
	_, err = s.memory.WriteTo(s.out)
	s.memory = bytes.Buffer{}
	return err
}

// finish ends the writing and returns the strong ETag of what was written.
func (s *spool) finish() (etag string, err error) {
	if s.file != nil {
		if err := s.out.Flush(); err != nil {
			return "", fmt.Errorf("keep a long document: %w", err)
		}
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return "", fmt.Errorf("keep a long document: %w", err)
		}
	}
	return etagOfHash(s.hash.Sum(nil)), nil
}

// send sends the document and lets go of it. The length stands before it: who gets less of it knows.
func (s *spool) send(ctx huma.Context) {
	defer s.drop()
	ctx.SetHeader("Content-Length", strconv.FormatInt(s.size, 10))
	ctx.SetStatus(http.StatusOK)
	if s.file != nil {
		_, _ = io.Copy(ctx.BodyWriter(), s.file) // who does not read to the end has no use for an error
		return
	}
	_, _ = s.memory.WriteTo(ctx.BodyWriter())
}

// drop lets go of a document.
func (s *spool) drop() {
	if s.file != nil {
		_ = s.file.Close() // nothing is kept in it
	}
}
