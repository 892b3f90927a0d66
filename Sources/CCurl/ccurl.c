// SwiftPM wants a source file in every C target; all of CCurl is inline.
#include "ccurl.h"
