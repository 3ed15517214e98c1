package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"vcledger/ledger/postgres"
)

func backupCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "backup FILE", Short: "Write everything the database holds to a file, or to standard output (-)",
		Long: "Writes everything the database holds, as it stands at one instant, while postings go on. The log is sealed first, so that its last\n" +
			"checkpoint in the file covers what was posted before. The file is compressed and appears only when it is whole. vcledger restore\n" +
			"loads it into a new database.",
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) (err error) {
			d, err := s.openDatabase(c.Context(), c.ErrOrStderr())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, d.close()) }()
			if err := s.sealBefore(c.Context(), d, c.ErrOrStderr()); err != nil {
				return err
			}
			return backup(c, d.url, args[0])
		},
	}
}

// sealBefore seals a database whose schema is current. One with an older schema is backed up as it is: that is what one does before
// an upgrade.
func (s *settings) sealBefore(ctx context.Context, d *database, stderr io.Writer) (err error) {
	empty, err := postgres.Empty(ctx, d.url)
	if err != nil || empty {
		return err
	}
	store, err := postgres.Open(ctx, d.url, postgres.DefaultOptions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	current, err := store.Migrated(ctx)
	if err != nil || !current {
		return err
	}
	if err := s.useLog(ctx, store, d.local != nil, stderr); err != nil {
		return err
	}
	return store.Seal(ctx)
}

// oneFile takes the name of one file.
func oneFile(c *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return usagef("%s takes one file, or - for standard input or output", c.CommandPath())
	}
	return nil
}

func backup(c *cobra.Command, url, file string) error {
	bar := newProgress(c.ErrOrStderr())
	defer bar.done()
	var a *postgres.Archive
	write := func(w io.Writer) (err error) {
		a, err = writeBackup(c.Context(), url, w, func(_ string, at, tables int64) { bar.reach("backup", at, tables, false) })
		return err
	}
	var err error
	if file == "-" {
		err = write(c.OutOrStdout())
	} else {
		err = writeWhole(file, write)
	}
	if err != nil {
		return err
	}
	bar.clear()
	_, err = fmt.Fprintf(c.ErrOrStderr(), "backup: %d rows of %d tables, schema %d, as of %s\n", a.Rows(), len(a.Tables), a.Schema, instant(a.TakenAt.UTC()))
	return err
}

// writeBackup writes a compressed archive. The fastest compression takes a core as long as PostgreSQL takes another to read.
func writeBackup(ctx context.Context, url string, w io.Writer, progress func(table string, at, tables int64)) (*postgres.Archive, error) {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	a, err := postgres.Backup(ctx, url, z, postgres.BackupOptions{Progress: progress})
	if err != nil {
		return nil, err
	}
	return a, z.Close()
}

// writeWhole makes a file that is there whole and on the disk, or not at all; one of the name before is replaced then. Only
// its owner can read it.
func writeWhole(file string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".vcledger-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return nil // the file is there; of its directory it cannot be said whether it is on the disk
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func restoreCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "restore FILE", Short: "Load a backup into a new database, from a file or from standard input (-)",
		Long: "Loads a backup into a database that has no ledger yet, all or nothing. The file is read whole and checked before the database is\n" +
			"touched; in the end every table is read back and compared, and the database is verified against its log, its signatures too\n" +
			"when the log's key is given (--log-key) or lies in --data-dir. Keep a copy of that key too, elsewhere than the backups.",
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error { return s.restore(c, args[0]) },
	}
}

// restore loads an archive and verifies what was loaded.
func (s *settings) restore(c *cobra.Command, file string) (err error) {
	f, err := openWhole(c, file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was read
	d, err := s.openDatabase(c.Context(), c.ErrOrStderr())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	bar := newProgress(c.ErrOrStderr())
	defer bar.done()
	a, err := postgres.Restore(c.Context(), d.url, f, postgres.RestoreOptions{Progress: func(phase string, at, of int64) { bar.reach(phase, at, of, false) }})
	if err != nil {
		return err
	}
	bar.clear()
	fmt.Fprintf(c.OutOrStdout(), "restored: %d rows of %d tables, as of %s; every table reads back as it was written, and the books balance\n",
		a.Rows(), len(a.Tables), instant(a.TakenAt.UTC()))
	store, err := postgres.Open(c.Context(), d.url, postgres.DefaultOptions)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := s.useRestoredLog(store, d.local != nil); err != nil {
		return err
	}
	return verifyDatabase(c.Context(), store, "", witness{}, c.OutOrStdout(), c.ErrOrStderr())
}

// useRestoredLog gives a store the key of the log when it is there. None is made: it would not be the one that signed.
func (s *settings) useRestoredLog(store *postgres.Store, local bool) error {
	path, err := s.keyPath(local)
	if err != nil || path == "" {
		return err
	}
	signer, err := readLogKey(path)
	if errors.Is(err, fs.ErrNotExist) && s.log.keyFile == "" {
		return nil
	}
	if err != nil {
		return err
	}
	store.UseLog(postgres.Log{Signer: signer})
	return nil
}

// openWhole opens a file that can be read twice; standard input is put aside in one that has no name.
func openWhole(c *cobra.Command, file string) (*os.File, error) {
	if file != "-" {
		return os.Open(file)
	}
	f, err := os.CreateTemp("", "vcledger-*")
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(f, c.InOrStdin())
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err = errors.Join(err, os.Remove(f.Name())); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// exportJournal writes the books as an archive in plain lines, without who may come in, and sealed, so that its import has the
// same root.
func (s *settings) exportJournal(c *cobra.Command, to *document) error {
	return s.withDatabase(c, func(ctx context.Context, d *database, store *postgres.Store) error {
		if err := store.Seal(ctx); err != nil {
			return err
		}
		return to.write(c, func(w io.Writer) error {
			_, err := postgres.Backup(ctx, d.url, w, postgres.BackupOptions{Journal: true})
			return err
		})
	})
}

func importJournalCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "journal FILE", Short: "Load an exported journal into a new database, from a file or from standard input (-)",
		Long: "Loads what vcledger export journal wrote into a database that has no ledger yet, all or nothing. Every record keeps its id, its\n" +
			"instants and its order. Keys, sessions and the audit trail are not in it: make new keys.",
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error { return s.restore(c, args[0]) },
	}
}
