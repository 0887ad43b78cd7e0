"""What policies ask besides: which talk, shopper and customer of its merchant's the transaction acts for, if one."""

from django.db import migrations

from commerce_agent.isolation.acting import SETTING

# The setting is `{merchant}|talk|shopper|customer` then, with nothing where nobody is known; a customer may hold a bar.
PART = "nullif(split_part(current_setting('%s', true), '|', %d), '')"
ASK = f"""
CREATE OR REPLACE FUNCTION isolation_merchants() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN current_setting('{SETTING}', true) LIKE '{{%'
        THEN split_part(current_setting('{SETTING}', true), '|', 1)::uuid[] ELSE '{{}}'::uuid[] END
$$;
CREATE FUNCTION isolation_acts_for_talk() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('{SETTING}', true) LIKE '%|%', false)
$$;
CREATE FUNCTION isolation_talk() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT {PART % (SETTING, 2)}::uuid
$$;
CREATE FUNCTION isolation_shopper() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT {PART % (SETTING, 3)}::uuid
$$;
CREATE FUNCTION isolation_customer() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(substring(current_setting('{SETTING}', true) FROM '^(?:[^|]*[|]){{3}}(.*)$'), '')
$$;
"""
FORGET = "".join(
    f"DROP FUNCTION isolation_{name}();\n" for name in ("customer", "shopper", "talk", "acts_for_talk")
)


class Migration(migrations.Migration):
    dependencies = [("isolation", "0001_who_acts")]

    operations = [migrations.RunSQL(sql=ASK, reverse_sql=FORGET)]
