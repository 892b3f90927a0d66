#include "cold_start.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

_Alignas(64) static const unsigned char model[] = {
#embed "cold-start.model"
};

const unsigned char *cold_start_model(void) { return model; }
size_t cold_start_model_size(void) { return sizeof model; }

_Alignas(64) static const unsigned char spam[] = {
#embed "spam.model"
};

const unsigned char *spam_model(void) { return spam; }
size_t spam_model_size(void) { return sizeof spam; }
