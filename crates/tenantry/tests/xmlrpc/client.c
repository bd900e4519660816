/* The life of a customer over XML-RPC with the C library xmlrpc-c, and the UserLand conformance methods. client.sh compiles and runs it.
   What it takes from the library it never gives back: it ends soon. */

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <xmlrpc-c/base.h>
#include <xmlrpc-c/client.h>

static xmlrpc_client *client;
static xmlrpc_server_info *server, *validator;

static void fail(const char *word, const char *meaning) {
    fprintf(stderr, "FAILED  %s  %s\n", word, meaning);
    exit(1);
}

static void check(int holds, const char *word, const char *meaning) {
    if (!holds) fail(word, meaning);
}

static void step(const char *word, const char *meaning) {
    printf("ok  %s  %s\n", word, meaning);
    fflush(stdout);
}

static const char *setting(const char *name) {
    const char *value = getenv(name);
    if (value == NULL) {
        fprintf(stderr, "Set %s\n", name);
        exit(2);
    }
    return value;
}

static char *join(const char *left, const char *right) {
    char *both = malloc(strlen(left) + strlen(right) + 1);
    if (both == NULL) abort();
    return strcat(strcpy(both, left), right);
}

/* What the library itself must be able to do. */
static void sound(xmlrpc_env *env, const char *word) {
    if (env->fault_occurred) fail(word, env->fault_string);
}

static xmlrpc_value *build_of(const char *format, va_list parts) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_value *value;
    const char *rest;
    xmlrpc_build_value_va(&env, format, parts, &value, &rest);
    sound(&env, "build");
    check(*rest == '\0', "build", format);
    return value;
}

static xmlrpc_value *build(const char *format, ...) {
    va_list parts;
    va_start(parts, format);
    xmlrpc_value *value = build_of(format, parts);
    va_end(parts);
    return value;
}

static xmlrpc_value *ask_at(xmlrpc_server_info *at, const char *word, const char *method, xmlrpc_value *arguments) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_value *answer;
    xmlrpc_client_call2(&env, client, at, method, arguments, &answer);
    sound(&env, word);
    return answer;
}

/* Makes a call that must be answered. */
static xmlrpc_value *ask(const char *word, const char *method, const char *format, ...) {
    va_list parts;
    va_start(parts, format);
    xmlrpc_value *arguments = build_of(format, parts);
    va_end(parts);
    return ask_at(server, word, method, arguments);
}

static xmlrpc_value *validate(const char *test, const char *format, ...) {
    va_list parts;
    va_start(parts, format);
    xmlrpc_value *arguments = build_of(format, parts);
    va_end(parts);
    return ask_at(validator, "validator", join("validator1.", test), arguments);
}

/* Makes a call that must be refused with this code, and returns what the fault says. */
static const char *refused(int code, xmlrpc_server_info *at, const char *word, const char *method, xmlrpc_value *arguments) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_value *answer;
    xmlrpc_client_call2(&env, client, at, method, arguments, &answer);
    check(env.fault_occurred, word, join(method, " is refused (it was answered)"));
    if (env.fault_code != code) {
        fprintf(stderr, "FAILED  %s  the fault %d, not %d: %s\n", word, code, env.fault_code, env.fault_string);
        exit(1);
    }
    return env.fault_string;
}

static int number_of(xmlrpc_value *value) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    int number;
    xmlrpc_read_int(&env, value, &number);
    sound(&env, "an integer");
    return number;
}

static const char *text_of(xmlrpc_value *value) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    const char *text;
    xmlrpc_read_string(&env, value, &text);
    sound(&env, "a text");
    return text;
}

static int is_true(xmlrpc_value *value) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_bool is_so;
    xmlrpc_read_bool(&env, value, &is_so);
    sound(&env, "a boolean");
    return is_so;
}

static double double_of(xmlrpc_value *value) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    double number;
    xmlrpc_read_double(&env, value, &number);
    sound(&env, "a double");
    return number;
}

static unsigned length_of(xmlrpc_value *array) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    int length = xmlrpc_array_size(&env, array);
    sound(&env, "an array");
    return (unsigned)length;
}

static xmlrpc_value *item(xmlrpc_value *array, unsigned index) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_value *value;
    xmlrpc_array_read_item(&env, array, index, &value);
    sound(&env, "an array");
    return value;
}

/* NULL when the struct has no such member. */
static xmlrpc_value *find(xmlrpc_value *structure, const char *name) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_value *value;
    xmlrpc_struct_find_value(&env, structure, name, &value);
    sound(&env, "a struct");
    return value;
}

static xmlrpc_value *member(xmlrpc_value *structure, const char *name) {
    xmlrpc_value *value = find(structure, name);
    if (value == NULL) fail("a member that is not there", name);
    return value;
}

static int number(xmlrpc_value *structure, const char *name) {
    return number_of(member(structure, name));
}

static int reads(xmlrpc_value *structure, const char *name, const char *text) {
    return strcmp(text_of(member(structure, name)), text) == 0;
}

/* Changes a member, as the server is expected to. */
static void put(xmlrpc_value *structure, const char *name, xmlrpc_value *value) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_struct_set_value(&env, structure, name, value);
    sound(&env, "a struct");
}

static unsigned members(xmlrpc_value *structure) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    int size = xmlrpc_struct_size(&env, structure);
    sound(&env, "a struct");
    return (unsigned)size;
}

static const char *name_of(xmlrpc_value *structure, unsigned index) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_value *name, *value;
    xmlrpc_struct_read_member(&env, structure, index, &name, &value);
    sound(&env, "a struct");
    return text_of(name);
}

/* Times and bytes are compared apart. */
static int same(xmlrpc_value *left, xmlrpc_value *right) {
    if (xmlrpc_value_type(left) != xmlrpc_value_type(right)) return 0;
    switch (xmlrpc_value_type(left)) {
    case XMLRPC_TYPE_INT:
        return number_of(left) == number_of(right);
    case XMLRPC_TYPE_BOOL:
        return is_true(left) == is_true(right);
    case XMLRPC_TYPE_DOUBLE:
        return double_of(left) == double_of(right);
    case XMLRPC_TYPE_STRING:
        return strcmp(text_of(left), text_of(right)) == 0;
    case XMLRPC_TYPE_ARRAY:
        if (length_of(left) != length_of(right)) return 0;
        for (unsigned index = 0; index < length_of(left); index++) {
            if (!same(item(left, index), item(right, index))) return 0;
        }
        return 1;
    case XMLRPC_TYPE_STRUCT:
        if (members(left) != members(right)) return 0;
        for (unsigned index = 0; index < members(left); index++) {
            const char *name = name_of(left, index);
            xmlrpc_value *other = find(right, name);
            if (other == NULL || !same(member(left, name), other)) return 0;
        }
        return 1;
    default:
        return 0;
    }
}

static int has(xmlrpc_value *list, int id) {
    for (unsigned index = 0; index < length_of(list); index++) {
        if (number(item(list, index), "id") == id) return 1;
    }
    return 0;
}

static xmlrpc_server_info *endpoint(const char *url, const char *user, const char *key) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_server_info *at = xmlrpc_server_info_new(&env, url);
    sound(&env, "connect");
    if (user != NULL) {
        xmlrpc_server_info_set_user(&env, at, user, key);
        xmlrpc_server_info_allow_auth_basic(&env, at);
        sound(&env, "connect");
    }
    return at;
}

static const char *mark;

static xmlrpc_value *create(void) {
    xmlrpc_value *sent = build(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "name", "Ünïcødé & Söhne <GmbH> 日本", "email", join(mark, "@example.com"), "telephone",
        "+27 11 447 6147", "address", "Line 1\nLine 2", "country", "ZA", "industry", "Hospitality, Travel & Tourism", "website_url",
        "https://example.org/?a=1&b=2", "unique_id", mark, "status", "on");
    xmlrpc_value *made = ask("create", "CreateCustomer", "(V)", sent);
    check(number(made, "id") > 0, "create", "the id is above 0");
    const char *hash = text_of(member(made, "hash"));
    check(strlen(hash) == 16, "create", "the hash has 16 characters");
    for (; *hash != '\0'; hash++) check(isalnum((unsigned char)*hash), "create", "the hash has letters and digits only");
    for (unsigned index = 0; index < members(sent); index++) {
        const char *name = name_of(sent, index);
        check(same(member(made, name), member(sent, name)), "create", join("comes back as it was sent: ", name));
    }
    check(reads(made, "deleted", "no") && reads(made, "is_department", "no"), "create", "it is neither deleted nor a department");
    check(number(made, "email_quota") == 0, "create", "its quota is 0");
    for (unsigned index = 0; index < members(made); index++) {
        const char *name = name_of(made, index);
        xmlrpc_type type = xmlrpc_value_type(member(made, name));
        check(type == XMLRPC_TYPE_STRING || type == XMLRPC_TYPE_INT, "create", join("is a string or an int: ", name));
    }
    step("create", "the customer has an id, and every text as it was sent");
    return made;
}

static void get(xmlrpc_value *made) {
    int id = number(made, "id");
    check(same(ask("get", "GetCustomer", "(i)", id), made), "get", "GetCustomer gives what CreateCustomer gave");
    check(same(ask("get", "customers.GetCustomer", "(i)", id), made), "get", "and so does customers.GetCustomer");
    step("get", "the customer is read, under both names of the method");
}

static void update(xmlrpc_value *made) {
    int id = number(made, "id");
    xmlrpc_value *edited = ask("update", "UpdateCustomer", "(i{s:i,s:s})", id, "email_quota", 500, "postal_code", "2196");
    put(made, "email_quota", build("i", 500));
    put(made, "postal_code", build("s", "2196"));
    check(same(edited, made), "update", "what was sent has changed and nothing else");
    char as_text[32];
    snprintf(as_text, sizeof as_text, "%d", id);
    edited = ask("update", "UpdateCustomer", "(s{s:i})", as_text, "email_quota", 501);
    check(number(edited, "id") == id && number(edited, "email_quota") == 501, "update", "a numeric string serves as the id");
    edited = ask("update", "GetCustomer", "(i{s:s})", id, "fax", "+27 11 447 6148");
    check(reads(edited, "fax", "+27 11 447 6148"), "update", "GetCustomer with a struct updates");
    check(same(member(edited, "name"), member(made, "name")), "update", "and the name stays");
    step("update", "what was sent has changed and nothing else");
}

static void list(xmlrpc_value *made) {
    int id = number(made, "id");
    check(has(ask("list", "ListCustomers", "()"), id), "list", "a list without parameters has the customer");
    const char *email = text_of(member(made, "email"));
    xmlrpc_value *found = ask("list", "ListCustomers", "(iiss{s:s})", 1, 10, "name", "DESC", "email", email);
    check(length_of(found) == 1 && has(found, id), "list", "a filter by e-mail finds just this one");
    check(has(ask("list", "ListCustomers", "(iiss{})", 1, 50, "", "ASC"), id), "list", "an empty struct is no filter");
    check(has(ask("list", "ListCustomers", "(iiss())", 1, 50, "", "ASC"), id), "list", "and neither is an empty array");
    step("list", "lists have the customer, with and without parameters");
}

static int has_package(xmlrpc_value *customer, int package) {
    return number(customer, "email_package_id") == package;
}

static void package(int id) {
    const char *gold = join("gold-", mark), *change = "ChangeEmailPackage", *word = "package";
    xmlrpc_value *made =
        ask(word, "CreatePackage", "({s:s,s:s,s:s,s:i})", "name", "Gold", "identifier", gold, "channel", "email", "quantity", 1000);
    int package = number(made, "id");
    check(package > 0, word, "the id is above 0");
    check(reads(made, "channel", "email") && reads(made, "status", "on"), word, "the package is for e-mail, and on");
    xmlrpc_value *changed = ask(word, change, "(is)", id, gold);
    check(number(changed, "id") == id, word, "the change gives the customer");
    check(has_package(changed, package), word, "the package is given by its identifier");
    check(has_package(ask(word, change, "(ii)", id, 0), 0), word, "0 takes the package away");
    check(has_package(ask(word, change, "(ii)", id, package), package), word, "the package is given by its id");
    check(has(ask(word, "ListPackages", "()"), package), word, "a list has the package");
    ask(word, change, "(ii)", id, 0);
    check(is_true(ask(word, "DeletePackage", "(i)", package)), word, "the package is deleted");
    step(word, "a package is made, given, taken away and deleted");
}

static void fault(int id) {
    refused(404, server, "fault", "GetCustomer", build("(i)", 999999999));
    xmlrpc_value *wrong = build("(i{s:s,s:s})", id, "email", "not an address", "country", "XX");
    const char *said = refused(422, server, "fault", "UpdateCustomer", wrong);
    check(strstr(said, "email") != NULL && strstr(said, "country") != NULL, "fault", join("both wrong fields are named, not: ", said));
    refused(-32601, server, "fault", "NoSuchMethod", build("(i)", id));
    step("fault", "404, 422 and -32601 come as faults");
}

static void credentials(const char *url, const char *user, int id) {
    xmlrpc_server_info *stranger = endpoint(url, user, "00000000000000000000000000000000");
    const char *said = refused(XMLRPC_NETWORK_ERROR, stranger, "credentials", "GetCustomer", build("(i)", id));
    check(strstr(said, "401") != NULL, "credentials", join("the status is 401, not: ", said));
    step("credentials", "a wrong key is refused with the status 401");
}

static void count_the_entities(void) {
    xmlrpc_value *counted = validate("countTheEntities", "(s)", "<<a>> & \"b\" & 'c' ü 日 > &amp;");
    xmlrpc_value *expected = build(
        "{s:i,s:i,s:i,s:i,s:i}", "ctLeftAngleBrackets", 2, "ctRightAngleBrackets", 3, "ctAmpersands", 3, "ctApostrophes", 2, "ctQuotes", 2);
    check(same(counted, expected), "validator", "countTheEntities");
}

static void many_types(void) {
    unsigned char bytes[256];
    for (unsigned byte = 0; byte < sizeof bytes; byte++) bytes[byte] = (unsigned char)byte;
    xmlrpc_value *many = validate(
        "manyTypesTest", "(ibsd86)", -7, (xmlrpc_bool)0, "text", 3.5, "19980717T14:08:55", bytes, (size_t)sizeof bytes);
    check(length_of(many) == 6, "validator", "manyTypesTest: six values");
    for (unsigned index = 0; index < 4; index++) {
        xmlrpc_value *simple = build("(ibsd)", -7, (xmlrpc_bool)0, "text", 3.5);
        check(same(item(many, index), item(simple, index)), "validator", "manyTypesTest: the simple types");
    }
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    const char *moment;
    xmlrpc_read_datetime_str(&env, item(many, 4), &moment);
    sound(&env, "validator");
    check(strcmp(moment, "19980717T14:08:55") == 0, "validator", join("manyTypesTest: the time, not ", moment));
    const unsigned char *returned;
    size_t length;
    xmlrpc_read_base64(&env, item(many, 5), &length, &returned);
    sound(&env, "validator");
    check(length == sizeof bytes && memcmp(returned, bytes, length) == 0, "validator", "manyTypesTest: the bytes");
}

static void nested_struct(void) {
    xmlrpc_value *calendar = build("{s:{},s:{s:{},s:{}}}", "1999", "2000", "03", "04");
    xmlrpc_value *days = member(member(calendar, "2000"), "04");
    for (int day = 1; day <= 3; day++) {
        char name[16];
        snprintf(name, sizeof name, "%02d", day);
        put(days, name, build("{s:i,s:i,s:i}", "moe", day, "larry", 2, "curly", 3));
    }
    check(number_of(validate("nestedStructTest", "(V)", calendar)) == 6, "validator", "nestedStructTest");
}

static void validator_methods(void) {
    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_value *stooges = xmlrpc_array_new(&env), *words = xmlrpc_array_new(&env);
    for (int n = 1; n <= 5; n++) {
        xmlrpc_array_append_item(&env, stooges, build("{s:i,s:i,s:i}", "moe", n, "larry", -n, "curly", 10 * n));
    }
    for (int n = 0; n < 150; n++) {
        xmlrpc_array_append_item(&env, words, build("s", n == 0 ? "Wörter" : n == 149 ? "<end>" : "between"));
    }
    sound(&env, "validator");
    check(number_of(validate("arrayOfStructsTest", "(V)", stooges)) == 150, "validator", "arrayOfStructsTest");
    count_the_entities();
    xmlrpc_value *sum = validate("easyStructTest", "({s:i,s:i,s:i})", "moe", 5, "larry", -7, "curly", 2147483000);
    check(number_of(sum) == 2147482998, "validator", "easyStructTest");
    xmlrpc_value *nested = build(
        "{s:s,s:s,s:d,s:b,s:((){}(is{s:i}))}", "text", " ü <&> 日本\n", "empty", "", "double", -0.25, "true", (xmlrpc_bool)1, "rows", 1, "two",
        "three", 3);
    check(same(validate("echoStructTest", "(V)", nested), nested), "validator", "echoStructTest");
    many_types();
    check(strcmp(text_of(validate("moderateSizeArrayCheck", "(V)", words)), "Wörter<end>") == 0, "validator", "moderateSizeArrayCheck");
    nested_struct();
    xmlrpc_value *times = validate("simpleStructReturnTest", "(i)", -12);
    xmlrpc_value *multiplied = build("{s:i,s:i,s:i}", "times10", -120, "times100", -1200, "times1000", -12000);
    check(same(times, multiplied), "validator", "simpleStructReturnTest");
    step("validator", "the eight conformance methods answer as UserLand specified them");
}

int main(void) {
    const char *url = join(setting("TENANTRY_URL"), "/api/2.0/xmlrpc/"), *user = setting("TENANTRY_USER");
    static char made_of[64];
    snprintf(made_of, sizeof made_of, "c-%ld-%ld", (long)getpid(), (long)time(NULL));
    mark = made_of;

    xmlrpc_env env;
    xmlrpc_env_init(&env);
    xmlrpc_client_setup_global_const(&env);
    xmlrpc_client_create(&env, XMLRPC_CLIENT_NO_FLAGS, "client.c", "1", NULL, 0, &client);
    sound(&env, "connect");
    server = endpoint(url, user, setting("TENANTRY_KEY"));
    validator = endpoint(setting("VALIDATOR_URL"), NULL, NULL);

    xmlrpc_value *made = create();
    int id = number(made, "id");
    get(made);
    update(made);
    list(made);
    package(id);
    fault(id);
    credentials(url, user, id);
    validator_methods();
    check(is_true(ask("delete", "DeleteCustomer", "(i)", id)), "delete", "DeleteCustomer gives true");
    check(reads(ask("delete", "GetCustomer", "(i)", id), "status", "deleted"), "delete", "the customer reads as deleted");
    step("delete", "the customer is deleted");
    step("done", "every step was taken");
    return 0;
}
