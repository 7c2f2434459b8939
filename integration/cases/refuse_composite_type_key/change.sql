ALTER TABLE t ALTER id TYPE text USING id::text || 'x';
