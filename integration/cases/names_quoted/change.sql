ALTER TABLE "App Data"."Order ""Items"" ÄÖ 56789012345678901234567890123456789012345678"
    ALTER "Key, the" TYPE bigint, ADD "new $1 column" text DEFAULT 'dollar';
