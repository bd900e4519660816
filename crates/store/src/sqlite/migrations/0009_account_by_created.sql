-- Lists by when customers were made. It is written to when a customer is made and when its status changes, and by no other edit.

CREATE INDEX account_by_created ON account (tenant_id, created_at, id, status);
