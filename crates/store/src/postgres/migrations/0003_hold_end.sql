-- When the first of an account's holds ends by itself: whoever releases them looks here, and not at each account.

CREATE TABLE hold_end (
    tenant_id  bigint NOT NULL,
    account_id bigint NOT NULL,
    ends_at    bigint NOT NULL,
    PRIMARY KEY (tenant_id, account_id)
);

CREATE INDEX hold_end_by_time ON hold_end (ends_at);

ALTER TABLE hold_end ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON hold_end USING (tenant_id = ANY ((SELECT tenants_in_reach())::bigint[]) OR (SELECT every_tenant_in_reach()));
GRANT SELECT, INSERT, UPDATE, DELETE ON hold_end TO tenantry_app;
