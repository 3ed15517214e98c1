-- People who sign in at an identity provider, and the sessions of those who use the pages.

-- +goose Up

ALTER TABLE actor ADD COLUMN identity text CONSTRAINT actor_identity_key UNIQUE;
COMMENT ON COLUMN actor.identity IS 'issuer, subject, role and contributor of who signs in at a provider; NULL for the holder of keys';

CREATE TABLE session (
    hash        bytea CONSTRAINT session_pkey PRIMARY KEY CONSTRAINT session_hash_length CHECK (octet_length(hash) = 32),
    actor_id    bigint NOT NULL CONSTRAINT session_actor_id_fkey REFERENCES actor,
    key_id      uuid CONSTRAINT session_key_id_fkey REFERENCES api_key,
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX session_expires_at ON session (expires_at);
COMMENT ON TABLE session IS 'a browser that signed in, with a key or at a provider; it falls with the key';
COMMENT ON COLUMN session.hash IS 'SHA-256 of the cookie, which has 256 random bits and is kept nowhere';
CREATE TRIGGER session_recorded_at BEFORE INSERT ON session FOR EACH ROW EXECUTE FUNCTION set_recorded_at();
GRANT SELECT, INSERT, DELETE ON session TO vcledger_service;
GRANT UPDATE (ended_at) ON session TO vcledger_service;
