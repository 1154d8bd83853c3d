#include "process/server.h"

struct server server;
const char *const server_version = ASTROLABE_VERSION;
