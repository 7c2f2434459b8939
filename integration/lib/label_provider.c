// A security label provider for the cases: `ghosts`, which takes every label but "refused". PostgreSQL's server headers
// come with half a compiler as dependencies, so what is needed of its binary interface (15 to 17) is declared here.

typedef struct {
    int len, version, funcmaxargs, indexmaxkeys, namedatalen, float8byval;
    char abi_extra[32];
} Magic;

typedef struct {
    unsigned classId, objectId;
    int objectSubId;
} ObjectAddress;

void register_label_provider(const char* name, void (*relabel)(const ObjectAddress*, const char*));
_Bool errstart(int level, const char* domain);
int errmsg_internal(const char* format, ...);
void errfinish(const char* file, int line, const char* function);

enum { error_level = 21 };

const Magic* Pg_magic_func(void) {
    static const Magic magic = {sizeof(Magic), SERVER_VERSION * 100, 100, 32, 64, 1, "PostgreSQL"};
    return &magic;
}

static void relabel(const ObjectAddress* object, const char* label) {
    if (label == 0 || __builtin_strcmp(label, "refused") != 0) return;
    if (errstart(error_level, 0)) {
        errmsg_internal("ghosts do not take the label \"%s\" for object %u", label, object->objectId);
        errfinish(__FILE__, __LINE__, __func__);
    }
}

void _PG_init(void) { register_label_provider("ghosts", relabel); }
