/* The names in C99. */
#include "names.inc"

int names_in_c99(void);
int names_in_c99(void) { return count_failures(); }
