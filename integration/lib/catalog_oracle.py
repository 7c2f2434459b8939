"""What the catalogs say of every object of a database, OIDs replaced by names, and where two databases differ.

pg_dump is silent on much: dependencies, states of internal triggers, flags, comments of what it does not dump. Here every
column of every row counts, unless LEFT_OUT says why not. Which columns hold OIDs, and of what, the server says itself
(pg_get_catalog_foreign_keys), so that what a later version adds is compared too.
"""

import json
import re

from servers import HarnessError

# Catalogs that say what there is. Left out: statistics and large objects (data), what belongs to the whole cluster, and
# pg_amop, pg_operator, pg_cast …, which no migration can touch (what depends on what is compared with pg_depend).
CATALOGS = ["pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_rewrite", "pg_policy",
            "pg_publication", "pg_publication_rel", "pg_publication_namespace", "pg_statistic_ext", "pg_sequence",
            "pg_type", "pg_enum", "pg_range", "pg_inherits", "pg_proc", "pg_aggregate", "pg_namespace", "pg_default_acl",
            "pg_event_trigger", "pg_description", "pg_seclabel", "pg_init_privs", "pg_depend", "pg_shdepend"]

LEFT_OUT = {
    # Where things lie, how many there are, what vacuum and analyze have seen.
    "pg_class": ["relfilenode", "relpages", "reltuples", "relallvisible", "relallfrozen", "relfrozenxid", "relminmxid",
                 # A rewrite that is under way.
                 "relrewrite",
                 # Columns that were dropped are counted; those that are there are compared themselves.
                 "relnatts",
                 # May go on to be set when what they speak of has gone; what is there is compared itself.
                 "relhasrules", "relhastriggers", "relhassubclass", "relhasindex",
                 # There is a toast table as soon as there ever was a wide column; its options are compared.
                 "reltoastrelid"],
    # Physical: a rewrite fills the values in, a dropped column leaves a hole; the order of the columns is compared.
    "pg_attribute": ["attnum", "attname", "atthasmissing", "attmissingval", "attcacheoff", "attoptions"],
    "pg_attrdef": ["adnum"],
    # Whether old snapshots may use the index.
    "pg_index": ["indcheckxmin", "indnatts", "indnkeyatts"],
    # In the key of the row.
    "pg_trigger": ["tgname"],
    # Trees of expressions hold OIDs, numbers of columns and places in a text: their texts and dependencies are compared.
    "": ["conbin", "adbin", "indexprs", "indpred", "tgqual", "ev_qual", "ev_action", "polqual", "polwithcheck", "prqual",
         "stxexprs", "prosqlbody", "proargdefaults", "typdefaultbin"],
}

# Texts in the place of trees; `c` is the row.
TEXTS = {
    "pg_attrdef": {"text": "pg_get_expr(c.adbin, c.adrelid)"},
    "pg_constraint": {"text": "pg_get_constraintdef(c.oid)"},
    "pg_index": {"text": "pg_get_indexdef(c.indexrelid)"},
    "pg_trigger": {"text": "CASE WHEN NOT c.tgisinternal THEN pg_get_triggerdef(c.oid) END"},
    "pg_rewrite": {"text": "pg_get_ruledef(c.oid)"},
    "pg_policy": {"using": "pg_get_expr(c.polqual, c.polrelid)", "check": "pg_get_expr(c.polwithcheck, c.polrelid)"},
    "pg_publication_rel": {"where": "pg_get_expr(c.prqual, c.prrelid)"},
    "pg_statistic_ext": {"text": "pg_get_statisticsobjdef(c.oid)"},
    "pg_proc": {"arguments": "pg_get_function_arguments(c.oid)", "body": "pg_get_function_sqlbody(c.oid)"},
    "pg_type": {"default": "pg_get_expr(c.typdefaultbin, 0)"},
    "pg_class": {"toast options": "(SELECT t.reloptions FROM pg_class t WHERE t.oid = c.reltoastrelid)"},
    "pg_attribute": {"place": "(SELECT count(*) FROM pg_attribute b WHERE b.attrelid = c.attrelid AND b.attnum > 0"
                              " AND b.attnum <= c.attnum AND NOT b.attisdropped)",
                     # Some builds of the server keep a number of their own among the options.
                     "options": "(SELECT array_agg(o ORDER BY n) FROM unnest(c.attoptions) WITH ORDINALITY AS u (o, n)"
                                " WHERE o NOT LIKE 'pg_attver=%')",
                     "name": "CASE (SELECT r.relkind FROM pg_class r WHERE r.oid = c.attrelid) WHEN 'i' THEN NULL ELSE c.attname END"},
}

# The rows that count. What the server came with is not looked at, except for what somebody said of it. Toast tables and
# their indexes go with their tables, dropped columns are gone.
WHERE = {
    "pg_class": "c.oid >= 16384 AND c.relnamespace <> 'pg_toast'::regnamespace",
    "pg_attribute": "c.attrelid >= 16384 AND c.attnum > 0 AND NOT c.attisdropped"
                    " AND NOT EXISTS (SELECT FROM pg_class t WHERE t.oid = c.attrelid AND t.relnamespace = 'pg_toast'::regnamespace)",
    "pg_attrdef": "c.adrelid >= 16384",
    "pg_index": "c.indexrelid >= 16384"
                " AND NOT EXISTS (SELECT FROM pg_class t WHERE t.oid = c.indrelid AND t.relnamespace = 'pg_toast'::regnamespace)",
    "pg_sequence": "c.seqrelid >= 16384",
    "pg_enum": "c.enumtypid >= 16384",
    "pg_range": "c.rngtypid >= 16384",
    "pg_inherits": "c.inhrelid >= 16384",
    "pg_aggregate": "c.aggfnoid::oid >= 16384",
    "pg_description": "c.objoid >= 16384",
    "pg_seclabel": "true",
    "pg_init_privs": "c.objoid >= 16384",
    "pg_depend": "c.objid >= 16384",
    "pg_shdepend": "c.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
}

# A name for any object. Those of internal triggers and of toast tables hold OIDs.
NAME_FUNCTION = r"""
CREATE FUNCTION pg_temp.name_of(class oid, object oid, part int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
  IF object IS NULL OR object = 0 THEN RETURN NULL; END IF;
  IF class = 'pg_trigger'::regclass THEN
    SELECT format('internal trigger %s of %s on %s', g.tgfoid::regproc, k.conname, g.tgrelid::regclass) INTO result
      FROM pg_trigger g LEFT JOIN pg_constraint k ON k.oid = g.tgconstraint WHERE g.oid = object AND g.tgisinternal;
  ELSIF class = 'pg_class'::regclass THEN
    SELECT 'toast of ' || o.oid::regclass INTO result
      FROM pg_class t LEFT JOIN pg_index i ON i.indexrelid = t.oid
      JOIN pg_class o ON o.reltoastrelid = coalesce(i.indrelid, t.oid)
     WHERE t.oid = object AND t.relnamespace = 'pg_toast'::regnamespace;
  END IF;
  IF result IS NULL THEN
    SELECT i.type || ' ' || i.identity INTO result FROM pg_identify_object(class, object, part) AS i;
  END IF;
  RETURN coalesce(result, format('nothing (%s %s)', class::regclass, object));
END $$;
"""

# An index's columns keep the names that the table's had when it was made, and nothing shows them: they are numbered.
ATTRIBUTE = """(SELECT CASE WHEN r.relkind = 'i' THEN format('column %s of index %s', c.attnum, r.oid::regclass)
                            ELSE pg_temp.name_of('pg_class'::regclass, c.attrelid, c.attnum) END
                  FROM pg_class r WHERE r.oid = c.attrelid)"""

# Names of the old table and of what is in its schema.
OLD = re.compile(r"\bpgwraith_old_\d+\b")


def columns_of(server, database):
    """catalog -> [(column, type)]; catalog -> [(columns, referred catalog, referred columns, is an array)]"""
    names = ", ".join(f"'{name}'" for name in CATALOGS)
    columns, keys = {}, {}
    for line in server.psql("SELECT json_build_array(c.relname, a.attname, format_type(a.atttypid, NULL)) FROM pg_attribute a"
                            f" JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname IN ({names}) AND c.relnamespace ="
                            " 'pg_catalog'::regnamespace AND a.attnum > 0 ORDER BY c.relname, a.attnum", database).splitlines():
        table, column, kind = json.loads(line)
        columns.setdefault(table, []).append((column, kind))
    for line in server.psql("SELECT json_build_array(fktable::regclass::text, fkcols, pktable::regclass::text, pkcols, is_array)"
                            " FROM pg_get_catalog_foreign_keys()", database).splitlines():
        table, *key = json.loads(line)
        keys.setdefault(table, []).append(key)
    return columns, keys


def value_sql(table, column, kind, keys):
    """The column as SQL that has no OID in it."""
    whole = f"c.{column}"
    if (table, column) == ("pg_class", "relacl"):
        # A new sequence of the shadow could be read by those who dump the database: what was given and taken back is
        # no longer NULL, and says the same.
        whole = "coalesce(c.relacl, CASE c.relkind WHEN 'S' THEN acldefault('s', c.relowner) END)"
    if kind == "aclitem[]":
        return f"(SELECT json_agg(x ORDER BY x) FROM unnest({whole}::text[]) AS x)"
    for own, other, _, is_array in keys.get(table, []):
        if own == [column]:
            one = f"pg_temp.name_of('{other}'::regclass, {{}}, 0)"
            if is_array:
                return f"(SELECT json_agg({one.format('x.oid::oid')} ORDER BY x.n) FROM unnest({whole}::oid[]) WITH ORDINALITY AS x (oid, n))"
            return one.format(whole + "::oid")
        if len(own) == 2 and own[1] == column and other == "pg_attribute":
            name = f"(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.{own[0]} AND a.attnum = {{}})"
            if is_array:
                return (f"(SELECT json_agg(coalesce({name.format('x.n')}, x.n::text) ORDER BY x.place)"
                        f" FROM unnest({whole}::int2[]) WITH ORDINALITY AS x (n, place))")
            return name.format(whole)
    if column == "prattrs":  # (which pg_get_catalog_foreign_keys does not list)
        return ("(SELECT json_agg(a.attname ORDER BY a.attname) FROM unnest(c.prattrs::int2[]) AS x (n)"
                " JOIN pg_attribute a ON a.attrelid = c.prrelid AND a.attnum = x.n)")
    return whole


def query(table, columns, keys):
    if table in ("pg_depend", "pg_shdepend"):
        parts = ["'by', pg_temp.name_of(c.classid, c.objid, c.objsubid)",
                 "'on', pg_temp.name_of(c.refclassid, c.refobjid, %s)" % ("c.refobjsubid" if table == "pg_depend" else "0"),
                 "'type', c.deptype"]
        key = "pg_temp.name_of(c.classid, c.objid, c.objsubid)"
    elif table in ("pg_description", "pg_seclabel", "pg_init_privs"):
        class_column = "classoid"
        object_column = "objoid"
        key = f"pg_temp.name_of(c.{class_column}, c.{object_column}, c.objsubid)"
        parts = [f"'{name}', {value_sql(table, name, kind, keys)}" for name, kind in columns
                 if name not in ("classoid", "objoid", "objsubid")]
    else:
        left_out = LEFT_OUT.get(table, []) + LEFT_OUT[""] + ["oid"]
        parts = [f"'{name}', {value_sql(table, name, kind, keys)}" for name, kind in columns if name not in left_out]
        parts += [f"'{name}', {sql}" for name, sql in TEXTS.get(table, {}).items()]
        has_oid = any(name == "oid" for name, _ in columns)
        row = {"pg_attribute": ATTRIBUTE, "pg_enum": "pg_temp.name_of('pg_type'::regclass, c.enumtypid, 0)"}
        first = columns[0][0]
        key = row.get(table) or (f"pg_temp.name_of('{table}'::regclass, c.oid, 0)" if has_oid
                                 else f"pg_temp.name_of('pg_{'proc' if first == 'aggfnoid' else 'class'}'::regclass, c.{first}::oid, 0)")
    # (A function takes 100 arguments.)
    pieces = [f"jsonb_build_object({', '.join(parts[i:i + 40])})" for i in range(0, len(parts), 40)]
    return (f"SELECT jsonb_build_array('{table}', {key}, {' || '.join(pieces)}) FROM {table} c"
            f" WHERE {WHERE.get(table, 'c.oid >= 16384')}")


def read(server, database):
    """(catalog, object) -> rows, each a dict; what belongs to the old table's schema alone is left out."""
    columns, keys = columns_of(server, database)
    statements = "".join(query(table, columns[table], keys) + ";\n" for table in CATALOGS if table in columns)
    answer = server.psql("SET search_path = ''; SET client_min_messages = error;" + NAME_FUNCTION + statements, database)
    facts = {}
    for line in answer.splitlines():
        table, name, row = json.loads(line)
        if name is None or OLD.search(name) or re.search(r"\bpg_(toast_)?temp", name):
            continue
        facts.setdefault((table, name), []).append(row)
    if int(server.version) < 18:
        forget_validity_of_parts(facts)
        forget_how_parts_came(facts)
    forget_storage_of_fixed_widths(facts)
    for rows in facts.values():
        rows.sort(key=lambda row: json.dumps(row, sort_keys=True))
    return facts


def forget_validity_of_parts(facts):
    """A key to a partitioned table has a part to each partition. Before 18, VALIDATE CONSTRAINT does not reach them, and
    nothing asks whether they are valid."""
    for (table, _), rows in facts.items():
        for row in rows:
            if table == "pg_constraint" and row["contype"] == "f" and row["conparentid"]:
                row["convalidated"] = None
                row["text"] = row["text"].removesuffix(" NOT VALID")


def forget_how_parts_came(facts):
    """A part that was attached to the key of the whole (as ATTACH PARTITION does it, and the swap before 18) keeps what a
    key of its own has; one that was made with the whole does not have it. They do the same."""
    for (table, name), rows in facts.items():
        if table == "pg_constraint":
            for row in rows:
                if row["contype"] == "f" and row["conparentid"]:
                    row["connoinherit"] = None
        if table == "pg_depend" and name.startswith('internal trigger "RI_FKey_check_'):
            rows[:] = [row for row in rows if row["type"] not in ("P", "S")]


def forget_storage_of_fixed_widths(facts):
    """SET STORAGE of a column also goes to the indexes on it, even where their columns are of another type, of a fixed
    width, which knows no storage; an index that is made afterwards has it right."""
    for (table, name), rows in facts.items():
        if table == "pg_attribute" and " of index " in name and rows[0]["attlen"] > 0:
            rows[0]["attstorage"] = None


def differences(expected, got):
    """What differs, a line each."""
    lines = []
    for key in sorted(set(expected) | set(got)):
        table, name = key
        before, now = expected.get(key, []), got.get(key, [])
        if before == now:
            continue
        if len(before) == len(now) == 1 and table not in ("pg_depend", "pg_shdepend"):
            for column in sorted(set(before[0]) | set(now[0])):
                a, b = before[0].get(column), now[0].get(column)
                if a != b:
                    lines.append(f"{table}: {name}: {column}: {json.dumps(a)} became {json.dumps(b)}")
            continue
        for sign, some, others in (("-", before, now), ("+", now, before)):
            lines += [f"{table}: {name}: {sign} {json.dumps(row, sort_keys=True)}" for row in some if row not in others]
    return lines


def check(server, expected, got):
    """The two databases say the same, of the table and of everything else."""
    lines = differences(read(server, expected), read(server, got))
    if lines:
        raise HarnessError("the catalogs do not say what they say after the plain ALTER (became: after pgwraith):\n"
                           + "\n".join(lines[:60]))
