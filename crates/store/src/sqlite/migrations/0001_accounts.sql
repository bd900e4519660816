-- Accounts, their keys and their history. tenant_id stands in every row; ids come from `sequence` and are never used twice.

CREATE TABLE sequence (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO sequence (name, next) VALUES ('account', 1);

-- What queries and rules look at has a column; what only people and dialects read is in `profile` (JSON, names as in the domain).
-- Times are microseconds since 1970 in UTC.
CREATE TABLE account (
    id            INTEGER PRIMARY KEY,
    tenant_id     INTEGER NOT NULL,
    parent_id     INTEGER,
    ancestors     TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    external_id   TEXT,
    hash          TEXT    NOT NULL,
    email         TEXT,
    email_folded  TEXT,
    password_hash TEXT,
    call_in_pin   TEXT,
    status        TEXT    NOT NULL,
    holds         TEXT    NOT NULL,
    activated_at  INTEGER,
    ended_at      INTEGER,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    profile       TEXT    NOT NULL,
    search_text   TEXT    NOT NULL
) STRICT;

-- Lists go by rising id and look at the status: with both in the index, counting and passing over rows reads nothing else.
CREATE INDEX account_by_tenant ON account (tenant_id, id, status);
CREATE INDEX account_by_parent ON account (tenant_id, parent_id, id, status);
-- The address comes first, because the operator looks one up in every tenant.
CREATE UNIQUE INDEX account_email ON account (email_folded, tenant_id) WHERE email_folded IS NOT NULL AND status <> 'deleted';
CREATE INDEX account_email_deleted ON account (email_folded, tenant_id) WHERE email_folded IS NOT NULL AND status = 'deleted';
CREATE UNIQUE INDEX account_external_id ON account (tenant_id, external_id) WHERE external_id IS NOT NULL AND status <> 'deleted';

-- Who stands somewhere below a provider that is not its tenant's top one (below that one stands the whole tenant).
CREATE TABLE lineage (
    tenant_id   INTEGER NOT NULL,
    ancestor_id INTEGER NOT NULL,
    account_id  INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, ancestor_id, account_id)
) STRICT, WITHOUT ROWID;

-- Substrings of three and more characters; shorter ones are looked for in account.search_text.
CREATE VIRTUAL TABLE account_search USING fts5 (search_text, content = '', contentless_delete = 1, tokenize = 'trigram');

CREATE TABLE api_key (
    tenant_id       INTEGER NOT NULL,
    account_id      INTEGER NOT NULL,
    scheme          TEXT    NOT NULL,
    public          TEXT    NOT NULL,
    verifier        BLOB    NOT NULL,
    label           TEXT,
    scopes          TEXT    NOT NULL,
    allow           TEXT    NOT NULL,
    rate_per_minute INTEGER,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER,
    revoked_at      INTEGER,
    PRIMARY KEY (tenant_id, account_id, scheme, public)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant_id  INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    actor_id   INTEGER NOT NULL,
    credential TEXT,
    peer       TEXT,
    claimed    TEXT,
    dialect    TEXT    NOT NULL,
    request_id TEXT    NOT NULL,
    changes    TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX event_of_account ON event (tenant_id, account_id, version);
