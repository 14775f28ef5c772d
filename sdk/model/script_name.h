/*
 * What an interpreter was started for: `python3 app.py` is app.py, `python3 -m http.server` is http.server, `java
 * -jar shop.jar` is shop.jar. A guess from the command line, for the default of service.name.
 */
#ifndef OA_SDK_MODEL_SCRIPT_NAME_H
#define OA_SDK_MODEL_SCRIPT_NAME_H

#include "preload/base/slice.h"

/* program: the executable's file name. cmdline: as in /proc/PID/cmdline, arguments with a zero byte behind each.
 * Empty: no interpreter that we know, or no script (-c, -e, standard input). The result lies in cmdline. */
struct oa_slice oa_script_name(struct oa_slice program, struct oa_slice cmdline);

#endif
