DROP STATISTICS unwanted, public.replaced;
CREATE STATISTICS wanted (ndistinct, mcv) ON a, (lower(b)) FROM public.t;
CREATE STATISTICS public.replaced ON id, a FROM t;
COMMENT ON STATISTICS wanted IS 'wanted';
