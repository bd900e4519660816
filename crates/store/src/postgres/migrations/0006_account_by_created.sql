-- Lists by when customers were made. No edit but one of the status touches it.

CREATE INDEX account_by_created ON account (tenant_id, created_at, id, status);
