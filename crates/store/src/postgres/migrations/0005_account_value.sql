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

ALTER TABLE account_value ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON account_value USING (tenant_id = ANY ((SELECT tenants_in_reach())::bigint[]) OR (SELECT every_tenant_in_reach()));
GRANT SELECT, INSERT, DELETE ON account_value TO tenantry_app;
