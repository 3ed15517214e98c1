package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is a certificate with its key, read again when the files change, so that a renewed one needs no restart.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	changed [2]time.Time // of the files when they were read
}

// readCertificate reads the pair; at the start a broken one is an error.
func readCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	changed, err := c.stat()
	if err != nil {
		return nil, err
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	c.current, c.changed = &pair, changed
	return c, nil
}

func (c *certificate) stat() (changed [2]time.Time, err error) {
	for i, path := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(path)
		if err != nil {
			return changed, fmt.Errorf("read the certificate: %w", err)
		}
		changed[i] = info.ModTime()
	}
	return changed, nil
}

// get returns the certificate for a connection. While a new pair cannot be read, or is half written, the old one holds.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed, err := c.stat()
	if err != nil || changed == c.changed {
		return c.current, nil
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		c.log.Warn("the new certificate cannot be read; the old one holds", "error", err.Error())
		return c.current, nil
	}
	c.current, c.changed = &pair, changed
	c.log.Info("the certificate was read again")
	return c.current, nil
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"h2", "http/1.1"}}
}
