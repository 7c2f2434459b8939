ALTER TABLE "Orders" ALTER n TYPE bigint;
