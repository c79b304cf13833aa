/* The names in C11, and what becomes of a failed assertion. */
#include "names.inc"

const char* failed_text;
int failed_line;

void __assert_fail(const char* text, const char* file, int line, const char* function) {
    failed_text = strstr(file, "names.inc") != NULL && strcmp(function, "check_assertions") == 0 ? text : NULL;
    failed_line = line;
}

int names_in_c11(void);
int names_in_c11(void) { return count_failures(); }
