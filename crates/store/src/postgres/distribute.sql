-- Spreads the tables over the nodes of a Citus cluster, by tenant. What was spread already is left as it is.
--
-- A change of the schema may use one connection to each node only, or a later part does not see what an earlier one did there.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

DO $distribute$
DECLARE
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        RAISE EXCEPTION 'the extension citus is not in this database' USING ERRCODE = 'feature_not_supported';
    END IF;
    -- The coordinator works on the other nodes as whoever it works for, so that the policies hold there, too.
    IF NOT (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'tenantry_app') THEN
        ALTER ROLE tenantry_app LOGIN;
    END IF;
    -- What a connection to the coordinator is told does not reach the other nodes; what the role has does.
    IF NOT coalesce((SELECT 'lock_timeout=5s' = ANY (rolconfig) FROM pg_roles WHERE rolname = 'tenantry_app'), false) THEN
        ALTER ROLE tenantry_app SET lock_timeout = '5s';
    END IF;
    -- Citus looks at each part of a CASE by itself: 'every' must be no fault there.
    CREATE OR REPLACE FUNCTION tenants_in_reach() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(nullif(current_setting('tenantry.tenant_ids', true), 'every'), '')::bigint[] $$;
    -- A search looks into the index on the node that it is sent to.
    ALTER FUNCTION accounts_found(bigint, text) SET citus.allow_nested_distributed_execution = on;
    FOREACH name IN ARRAY ARRAY['account', 'lineage', 'api_key', 'event', 'package', 'package_holder', 'quota_entry', 'hold_end',
                             'idempotent_answer', 'account_value', 'twin_key'] LOOP
        IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = name::regclass) THEN
            -- Policies of distributed tables have no subqueries.
            EXECUTE format('ALTER POLICY tenant ON %I USING (tenant_id = ANY (tenants_in_reach()) OR every_tenant_in_reach())', name);
            PERFORM create_distributed_table(name::regclass, 'tenant_id', colocate_with => CASE name WHEN 'account' THEN 'none' ELSE 'account' END);
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'failure_budget'::regclass) THEN
        PERFORM create_reference_table('failure_budget');
    END IF;
END
$distribute$;
