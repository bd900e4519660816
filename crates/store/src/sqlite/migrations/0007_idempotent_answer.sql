-- What requests with a key were answered, so that one that comes again is answered the same. Keys and requests stand here as digests, and the answers sealed: only
-- who has the credential can open them.

CREATE TABLE idempotent_answer (
    tenant_id   INTEGER NOT NULL,
    key         BLOB    NOT NULL,
    fingerprint BLOB    NOT NULL,
    account_id  INTEGER NOT NULL,
    answer      BLOB    NOT NULL,
    expires_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotent_answer_by_time ON idempotent_answer (tenant_id, expires_at);
CREATE INDEX idempotent_answer_by_account ON idempotent_answer (tenant_id, account_id);
