// The models that are part of the program, as `postroom train` wrote them (Training/README.md).
#pragma once
#include <stddef.h>

const unsigned char *cold_start_model(void);
size_t cold_start_model_size(void);
const unsigned char *spam_model(void);
size_t spam_model_size(void);
