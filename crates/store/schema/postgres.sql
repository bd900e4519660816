-- The whole schema over PostgreSQL, as its newest version is: to read. A database is brought to it by the steps in src/postgres/migrations, and a test holds both
-- to be the same. It stands in a schema of its own, `tenantry`.
--
-- tenant_id stands in every table that a tenant's records are in, and first in each of their keys: a statement about one tenant touches one shard, and the
-- policies below hide every other tenant's rows. Texts are compared octet by octet ("C"), so that both engines give the same order. Times are microseconds
-- since 1970 in UTC.

-- Which steps were taken.
CREATE TABLE schema_version (
    version    bigint      PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- Both are part of PostgreSQL's own contrib and trusted: who may create in this database may create them.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- Numbers are never used twice. A number that was given and not used is lost with the server that had it.
CREATE SEQUENCE account_id MINVALUE 1 MAXVALUE 9007199254740991;
CREATE SEQUENCE package_id MINVALUE 1 MAXVALUE 9007199254740991;
CREATE SEQUENCE event_seq MINVALUE 1;

-- What queries and rules look at has a column; what only people and dialects read is in `profile` (JSON, names as in the domain).
CREATE TABLE account (
    tenant_id     bigint NOT NULL,
    id            bigint NOT NULL,
    parent_id     bigint,
    ancestors     text   COLLATE "C" NOT NULL,
    kind          text   COLLATE "C" NOT NULL,
    external_id   text   COLLATE "C",
    hash          text   COLLATE "C" NOT NULL,
    email         text   COLLATE "C",
    email_folded  text   COLLATE "C",
    password_hash text   COLLATE "C",
    call_in_pin   text   COLLATE "C",
    status        text   COLLATE "C" NOT NULL,
    holds         text   COLLATE "C" NOT NULL,
    activated_at  bigint,
    ended_at      bigint,
    created_at    bigint NOT NULL,
    updated_at    bigint NOT NULL,
    version       bigint NOT NULL,
    profile       text   COLLATE "C" NOT NULL,
    allotments    text   COLLATE "C" NOT NULL,
    name_folded   text   COLLATE "C" NOT NULL,
    search_text   text   COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id)
    -- Room in each page for the next versions of its rows: an edit that changes no indexed column then touches no index.
) WITH (fillfactor = 80);

-- The operator names accounts without their tenant.
CREATE INDEX account_by_id ON account (id) INCLUDE (tenant_id);
-- Lists go by rising id and look at the status: counting and passing over rows reads nothing else.
CREATE INDEX account_by_tenant ON account (tenant_id, id, status);
CREATE INDEX account_by_parent ON account (tenant_id, parent_id, id, status);
CREATE INDEX account_by_name ON account (tenant_id, name_folded, id, status);
CREATE INDEX account_by_email ON account (tenant_id, email_folded, id, status);
CREATE INDEX account_by_created ON account (tenant_id, created_at, id, status);
CREATE UNIQUE INDEX account_email ON account (tenant_id, email_folded) WHERE email_folded IS NOT NULL AND status <> 'deleted';
CREATE UNIQUE INDEX account_external_id ON account (tenant_id, external_id) WHERE external_id IS NOT NULL AND status <> 'deleted';
-- The few that are no customers.
CREATE INDEX account_provider ON account (tenant_id, id) WHERE kind <> 'customer';
-- Substrings of three and more characters; shorter ones are looked for in the rows.
CREATE INDEX account_search ON account USING gin (tenant_id, search_text gin_trgm_ops);

-- Who stands somewhere below a provider that is not its tenant's top one (below that one stands the whole tenant).
CREATE TABLE lineage (
    tenant_id   bigint NOT NULL,
    ancestor_id bigint NOT NULL,
    account_id  bigint NOT NULL,
    PRIMARY KEY (tenant_id, ancestor_id, account_id)
);

CREATE TABLE api_key (
    tenant_id       bigint NOT NULL,
    account_id      bigint NOT NULL,
    scheme          text   COLLATE "C" NOT NULL,
    public          text   COLLATE "C" NOT NULL,
    verifier        bytea  NOT NULL,
    label           text   COLLATE "C",
    scopes          text   COLLATE "C" NOT NULL,
    allow           text   COLLATE "C" NOT NULL,
    rate_per_minute bigint,
    created_at      bigint NOT NULL,
    expires_at      bigint,
    revoked_at      bigint,
    PRIMARY KEY (tenant_id, account_id, scheme, public)
);

-- Who calls is found out by the key alone: the tenant follows from it.
CREATE INDEX api_key_by_public ON api_key (scheme, public);

-- The history of an account is in the order of its versions.
CREATE TABLE event (
    tenant_id  bigint NOT NULL,
    account_id bigint NOT NULL,
    version    bigint NOT NULL,
    seq        bigint NOT NULL DEFAULT nextval('event_seq'),
    name       text   COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    actor_id   bigint NOT NULL,
    credential text   COLLATE "C",
    peer       text   COLLATE "C",
    claimed    text   COLLATE "C",
    dialect    text   COLLATE "C" NOT NULL,
    request_id text   COLLATE "C" NOT NULL,
    changes    text   COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, account_id, version)
);

CREATE TABLE package (
    tenant_id   bigint NOT NULL,
    id          bigint NOT NULL,
    path        text   COLLATE "C" NOT NULL,
    provider_id bigint NOT NULL,
    channel     text   COLLATE "C" NOT NULL,
    name        text   COLLATE "C" NOT NULL,
    identifier  text   COLLATE "C",
    quantity    bigint NOT NULL,
    status      text   COLLATE "C" NOT NULL,
    created_at  bigint NOT NULL,
    updated_at  bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX package_by_provider ON package (tenant_id, provider_id) WHERE status <> 'deleted';
CREATE UNIQUE INDEX package_identifier ON package (tenant_id, identifier, provider_id) WHERE identifier IS NOT NULL AND status <> 'deleted';

-- Which accounts have a package, whatever their status.
CREATE TABLE package_holder (
    tenant_id  bigint NOT NULL,
    package_id bigint NOT NULL,
    account_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, package_id, account_id)
);

-- Appended, never changed. The balance of an account's channel is the sum of its amounts.
CREATE TABLE quota_entry (
    tenant_id       bigint NOT NULL,
    account_id      bigint NOT NULL,
    version         bigint NOT NULL,
    channel         text   COLLATE "C" NOT NULL,
    kind            text   COLLATE "C" NOT NULL,
    amount          bigint NOT NULL,
    balance         bigint NOT NULL,
    reason          text   COLLATE "C" NOT NULL,
    idempotency_key text   COLLATE "C",
    at              bigint NOT NULL,
    PRIMARY KEY (tenant_id, account_id, version, channel)
);

CREATE UNIQUE INDEX quota_entry_key ON quota_entry (tenant_id, account_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- When the first of an account's holds ends by itself: whoever releases them looks here, and not at each account.
CREATE TABLE hold_end (
    tenant_id  bigint NOT NULL,
    account_id bigint NOT NULL,
    ends_at    bigint NOT NULL,
    PRIMARY KEY (tenant_id, account_id)
);

CREATE INDEX hold_end_by_time ON hold_end (ends_at);

-- What requests with a key were answered, so that one that comes again is answered the same. Keys and requests stand here as digests, and the answers sealed: only
-- who has the credential can open them.
CREATE TABLE idempotent_answer (
    tenant_id   bigint NOT NULL,
    key         bytea  NOT NULL,
    fingerprint bytea  NOT NULL,
    account_id  bigint NOT NULL,
    answer      bytea  NOT NULL,
    expires_at  bigint NOT NULL,
    PRIMARY KEY (tenant_id, key)
);

CREATE INDEX idempotent_answer_by_time ON idempotent_answer (tenant_id, expires_at);
CREATE INDEX idempotent_answer_by_account ON idempotent_answer (tenant_id, account_id);

-- Tags and custom fields by their values, folded: `tag`, or `custom_fields.` and a name. Lists are narrowed by them, and some may be one account's alone.
CREATE TABLE account_value (
    tenant_id  bigint NOT NULL,
    name       text   COLLATE "C" NOT NULL,
    value      text   COLLATE "C" NOT NULL,
    account_id bigint NOT NULL,
    is_unique  bigint NOT NULL,
    PRIMARY KEY (tenant_id, name, value, account_id)
);

CREATE UNIQUE INDEX account_value_unique ON account_value (tenant_id, name, value) WHERE is_unique = 1;

-- What likely twins have in common: digests of phones, mailboxes, and names with postal codes or dates of birth.
CREATE TABLE twin_key (
    tenant_id  bigint NOT NULL,
    key        text   COLLATE "C" NOT NULL,
    account_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, key, account_id)
);

-- When each budget of failed authentications is full again. The bucket is a digest: no address, no name and no tenant stands here.
CREATE TABLE failure_budget (
    bucket  text   COLLATE "C" PRIMARY KEY,
    full_at bigint NOT NULL
);

-- While an installation is being moved into this database, a row says from where: no server starts on a part of one.
CREATE TABLE transfer (
    source   text   COLLATE "C" NOT NULL,
    began_at bigint NOT NULL
);

-- The second wall. Each transaction says whose rows it is about, by SET LOCAL tenantry.tenant_ids: '{7}', or 'every' for the operator and for finding out
-- who calls. What it does not say it does not see, whatever its statements ask for; without a word it sees nothing.
CREATE FUNCTION tenants_in_reach() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN current_setting('tenantry.tenant_ids', true) LIKE '{%' THEN current_setting('tenantry.tenant_ids')::bigint[] ELSE '{}' END $$;

CREATE FUNCTION every_tenant_in_reach() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('tenantry.tenant_ids', true), '') = 'every' $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['account', 'lineage', 'api_key', 'event', 'package', 'package_holder', 'quota_entry', 'hold_end',
                             'idempotent_answer', 'account_value', 'twin_key'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = ANY ((SELECT tenants_in_reach())::bigint[]) OR (SELECT every_tenant_in_reach()))', name);
    END LOOP;
END
$$;

-- A policy comes before whatever a statement compares with a function that could tell what it saw, and matching a pattern is one: under the policy the index
-- of search would never be used. This function looks into the index as the owner, and holds to the same words itself.
CREATE FUNCTION accounts_found(tenant bigint, pattern text) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, tenantry AS $$
BEGIN
    IF every_tenant_in_reach() AND tenant IS NULL THEN
        RETURN QUERY SELECT a.id FROM account a WHERE a.search_text LIKE pattern;
    ELSIF tenant = ANY (tenants_in_reach()) THEN
        RETURN QUERY SELECT a.id FROM account a WHERE a.tenant_id = tenant AND a.search_text LIKE pattern;
    END IF;
END
$$;

-- The application does its work as this role, which owns nothing and passes no policy by.
GRANT USAGE ON SCHEMA tenantry TO tenantry_app;
GRANT SELECT, INSERT, UPDATE ON account, api_key, package TO tenantry_app;
GRANT SELECT, INSERT ON lineage, event, quota_entry TO tenantry_app;
GRANT SELECT, INSERT, DELETE ON package_holder, account_value, twin_key TO tenantry_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON failure_budget, hold_end, idempotent_answer TO tenantry_app;
GRANT SELECT ON schema_version, transfer TO tenantry_app;
-- What erasing an account changes beside its record: nothing else of the history may be changed.
GRANT UPDATE (changes, peer, claimed) ON event TO tenantry_app;
GRANT UPDATE (reason) ON quota_entry TO tenantry_app;
GRANT DELETE ON api_key TO tenantry_app;
GRANT USAGE ON SEQUENCE account_id, package_id, event_seq TO tenantry_app;
REVOKE EXECUTE ON FUNCTION accounts_found(bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION accounts_found(bigint, text) TO tenantry_app;
