// Package proof turns the records of a ledger into the leaves of a Merkle log (RFC 6962) and proves, with nothing but a file
// and a public key, that a record stands in the log that the key's holder signed. It knows no database and no network.
//
// # The bytes of a record
//
// A [Record] is a row of the books: its kind (the name of its table), and its fields by name. A field that is empty or
// absent is left out, so a later release may add columns, empty in old rows, and every old leaf stays what it was. All
// lengths are four bytes, the most significant first:
//
//	length, kind
//	length, nonce
//	number of fields
//	for each field, in the order of the bytes of its name:
//	    length, name
//	    length, value
//
// Values are text in UTF-8. A number is written without an exponent and without zeros at the end of its decimals (0, -1.5,
// 400000), a date as YYYY-MM-DD, an instant in UTC to the microsecond (2026-03-01 09:30:00.123456+00), a truth value as
// true or false, bytes in hexadecimal, and JSON and lists as PostgreSQL writes them.
//
// The commitment to a record is SHA-256 of the byte 0x02 and these bytes.
//
// # The bytes of a leaf
//
// A leaf is a journal entry with its lines and the subsidiary records that were recorded with it (the receipt, the delivery,
// the leg of the pledge), or a record that has no entry:
//
//	0x01, the format
//	number of records
//	for each record:
//	    length (32), commitment
//
// A leaf is put together of commitments and not of the records themselves, because one entry may touch several contributors:
// each is shown its own records, and of the others nothing but 32 bytes. The nonce, which is different for every record and
// known to the ledger alone until it shows the record, keeps anybody from guessing what is behind them. The leaf's place in
// the tree is SHA-256 of the byte 0x00 and the leaf (RFC 6962, section 2.1).
//
// Both encodings are fixed: testdata/vectors.json holds examples, and a test holds the code to them. Another encoding would
// begin with another byte.
//
// # Checkpoints
//
// A [Checkpoint] says how many leaves a log has and what its root is. It is signed as a note with Ed25519 (C2SP signed-note
// and tlog-checkpoint), so the tools of transparency logs can read it. Each key that signs is a leaf of the log itself, with the
// size from which on it does, so a checkpoint that was taken away is missed. When a key is exchanged, the old key signs the new
// one (a [Voucher]): who holds the old public key can then check what the new one signed.
//
// # What a proof says, and what it does not
//
// An inclusion proof says that a record, exactly as shown, was in the log of which the checkpoint was signed. A consistency
// proof says that a later log begins with the whole of an earlier one. Neither says that nothing was left out, nor that what
// was recorded is true: [Report] keeps the two apart.
package proof
