CREATE TABLE t (at timestamptz, span interval, raw bytea, day date, yes boolean, code char(6), address inet, cost money,
    wall timestamp, wall2 timestamp, said text, moment timestamptz, length text, bytes bytea, document text, n int,
    PRIMARY KEY (at, span, raw, day, yes, code, address, cost));
INSERT INTO t SELECT timestamptz '2024-03-31 00:30:00+00' + i * interval '7 minutes 0.123456 s', interval '1 mon -2 days' - i * interval '61 s',
    decode(md5(i::text), 'hex') || '\x00ff5c27'::bytea, date '1999-12-31' + i, i % 2 = 0, 'c' || i % 7, inet '10.0.0.1' + i, i::money / 7,
    timestamp '2024-07-01 12:00' + i * interval '1 hour', timestamp '2024-07-01 12:00' + i * interval '1 hour',
    (1 + i % 12) || '/' || (1 + i % 11) || '/2003', timestamptz '2024-06-30 22:30+00' + i * interval '1 hour',
    '-' || i || ' 2:03:04', '\x00ff'::bytea, 'die Häuser ' || i, i
FROM generate_series(0, 2999) AS i;
