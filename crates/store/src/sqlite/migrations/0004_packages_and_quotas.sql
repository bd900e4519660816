-- What accounts have of each channel, the packages that providers sell, and the ledger of prepaid balances. Lists by name and by address, keys that are
-- found by their public part alone, and failed authentications that a restart must not forget.

ALTER TABLE account ADD COLUMN allotments TEXT NOT NULL DEFAULT '{}';
ALTER TABLE account ADD COLUMN name_folded TEXT NOT NULL DEFAULT '';
UPDATE account SET name_folded = profile_name_folded(id, profile);

CREATE INDEX account_by_name ON account (tenant_id, name_folded, id, status);
-- The few that are no customers.
CREATE INDEX account_provider ON account (tenant_id, id) WHERE kind <> 'customer';
CREATE INDEX account_by_email ON account (tenant_id, email_folded, id, status);

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

INSERT INTO sequence (name, next) VALUES ('package', 1);

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

CREATE INDEX api_key_by_public ON api_key (scheme, public);

-- When each budget of failed authentications is full again. The bucket is a digest: no address and no name stands here.
CREATE TABLE failure_budget (
    bucket  TEXT PRIMARY KEY,
    full_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
