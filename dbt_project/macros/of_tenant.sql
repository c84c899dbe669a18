{#-
    A mart of what people entered shows a reader one tenant, as the tables of schema app do: the one that
    `set app.tenant_id = '…'` names, none without. Its owner, who builds it, sees all.
-#}
{% macro of_tenant() -%}
    do $$ begin
        if not (select relrowsecurity from pg_class where oid = '{{ this }}'::regclass) then
            create policy of_tenant on {{ this }}
                using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
            alter table {{ this }} enable row level security;
        end if;
    end $$
{%- endmacro %}
