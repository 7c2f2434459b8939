CREATE SCHEMA extensions;
CREATE EXTENSION unaccent SCHEMA extensions;
CREATE EXTENSION citext SCHEMA extensions;
GRANT USAGE ON SCHEMA extensions TO PUBLIC;
SET search_path = public, extensions;
CREATE FUNCTION public.plain(x text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(unaccent(x))';
CREATE FUNCTION public.plainer(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN lower(unaccent(x)); END';
CREATE SCHEMA migrator AUTHORIZATION migrator;
CREATE FUNCTION migrator.mine(x int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN x + 1; END';
