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

ALTER TABLE idempotent_answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotent_answer USING (tenant_id = ANY ((SELECT tenants_in_reach())::bigint[]) OR (SELECT every_tenant_in_reach()));
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotent_answer TO tenantry_app;
