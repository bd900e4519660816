-- What likely twins have in common: digests of phones, mailboxes, and names with postal codes or dates of birth. The accounts that there are get theirs by the program,
-- which alone can tell them.
CREATE TABLE twin_key (
    tenant_id  bigint NOT NULL,
    key        text   COLLATE "C" NOT NULL,
    account_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, key, account_id)
);

ALTER TABLE twin_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON twin_key USING (tenant_id = ANY ((SELECT tenants_in_reach())::bigint[]) OR (SELECT every_tenant_in_reach()));
GRANT SELECT, INSERT, DELETE ON twin_key TO tenantry_app;
