"""What policies ask: for whom the running transaction acts. Nobody, where nothing was told."""

from django.db import migrations

from commerce_agent.isolation.acting import PLATFORM, SETTING

ASK = f"""
CREATE FUNCTION isolation_acts_for_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('{SETTING}', true) = '{PLATFORM}', false)
$$;
CREATE FUNCTION isolation_merchants() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN current_setting('{SETTING}', true) LIKE '{{%' THEN current_setting('{SETTING}', true)::uuid[]
        ELSE '{{}}'::uuid[] END
$$;
-- Statistics are the owner's to renew; an import of many rows needs them at once, whoever runs it.
CREATE FUNCTION isolation_analyze(whole regclass) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('ANALYZE %s', whole);
END
$$;
"""

FORGET = """
DROP FUNCTION isolation_analyze(regclass);
DROP FUNCTION isolation_merchants();
DROP FUNCTION isolation_acts_for_all();
"""


class Migration(migrations.Migration):
    dependencies = []

    operations = [migrations.RunSQL(sql=ASK, reverse_sql=FORGET)]
