-- The whole schema of the embedded engine, as its newest version is: to read. A store is made by the steps in src/sqlite/migrations, and a test holds both to
-- be the same.
--
-- tenant_id stands in every row. Times are microseconds since 1970 in UTC.

-- Numbers that are given next; none is ever used twice.
CREATE TABLE sequence (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What queries and rules look at has a column; what only people and dialects read is in `profile` (JSON, names as in the domain).
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
    search_text   TEXT    NOT NULL,
    newest_event  INTEGER,
    allotments    TEXT    NOT NULL DEFAULT '{}',
    name_folded   TEXT    NOT NULL DEFAULT ''
) STRICT;

-- Lists go by rising id and look at the status: with both in the index, counting and passing over rows reads nothing else.
CREATE INDEX account_by_tenant ON account (tenant_id, id, status);
CREATE INDEX account_by_parent ON account (tenant_id, parent_id, id, status);
CREATE INDEX account_by_name ON account (tenant_id, name_folded, id, status);
CREATE INDEX account_by_email ON account (tenant_id, email_folded, id, status);
CREATE INDEX account_by_created ON account (tenant_id, created_at, id, status);
-- The few that are no customers.
CREATE INDEX account_provider ON account (tenant_id, id) WHERE kind <> 'customer';
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

-- Accounts whose newest search text is not in account_search yet.
CREATE TABLE search_waiting (
    account_id INTEGER PRIMARY KEY
) STRICT;

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

CREATE INDEX api_key_by_public ON api_key (scheme, public);

-- The history of an account is a chain: the account names its newest event, and each event the one before it.
CREATE TABLE event (
    seq        INTEGER PRIMARY KEY,
    tenant_id  INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    previous   INTEGER,
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

CREATE TABLE package (
    id          INTEGER PRIMARY KEY,
    tenant_id   INTEGER NOT NULL,
    path        TEXT    NOT NULL,
    provider_id INTEGER NOT NULL,
    channel     TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    identifier  TEXT,
    quantity    INTEGER NOT NULL,
    status      TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX package_by_tenant ON package (tenant_id, id) WHERE status <> 'deleted';
CREATE INDEX package_by_provider ON package (tenant_id, provider_id) WHERE status <> 'deleted';
CREATE UNIQUE INDEX package_identifier ON package (tenant_id, identifier, provider_id) WHERE identifier IS NOT NULL AND status <> 'deleted';

-- Which accounts have a package, whatever their status.
CREATE TABLE package_holder (
    tenant_id  INTEGER NOT NULL,
    package_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, package_id, account_id)
) STRICT, WITHOUT ROWID;

-- Appended, never changed. The balance of an account's channel is the sum of its amounts.
CREATE TABLE quota_entry (
    tenant_id       INTEGER NOT NULL,
    account_id      INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    channel         TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    amount          INTEGER NOT NULL,
    balance         INTEGER NOT NULL,
    reason          TEXT    NOT NULL,
    idempotency_key TEXT,
    at              INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, account_id, version, channel)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX quota_entry_key ON quota_entry (tenant_id, account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- When each budget of failed authentications is full again. The bucket is a digest: no address and no name stands here.
CREATE TABLE failure_budget (
    bucket  TEXT PRIMARY KEY,
    full_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- While an installation is being moved into this file, a row says from where: no server starts on a part of one.
CREATE TABLE transfer (
    source   TEXT    NOT NULL,
    began_at INTEGER NOT NULL
) STRICT;

-- What a new store begins with.
INSERT INTO sequence (name, next) VALUES ('account', 1), ('event', 1), ('package', 1);
-- How the index of search is merged: the reasons stand with the step that set it.
INSERT INTO account_search (account_search, rank) VALUES ('automerge', 16), ('crisismerge', 64), ('deletemerge', 40);

-- When the first of an account's holds ends by itself: whoever releases them looks here, and not at each account.
CREATE TABLE hold_end (
    tenant_id  INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    ends_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, account_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX hold_end_by_time ON hold_end (ends_at);

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

-- Tags and custom fields by their values, folded: `tag`, or `custom_fields.` and a name. Lists are narrowed by them, and some may be one account's alone.
CREATE TABLE account_value (
    tenant_id  INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    value      TEXT    NOT NULL,
    account_id INTEGER NOT NULL,
    is_unique  INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name, value, account_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX account_value_unique ON account_value (tenant_id, name, value) WHERE is_unique = 1;

-- What likely twins have in common: digests of phones, mailboxes, and names with postal codes or dates of birth.
CREATE TABLE twin_key (
    tenant_id  INTEGER NOT NULL,
    key        TEXT    NOT NULL,
    account_id INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key, account_id)
) STRICT, WITHOUT ROWID;

-- A row stands here while something of an erased account may still be left in the index of search or in the log: whoever opens the file goes on with that.
CREATE TABLE leftovers (
    of_account INTEGER NOT NULL
) STRICT;
