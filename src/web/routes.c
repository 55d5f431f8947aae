/* All that is served, a row each; a route's answer has a file of its own. */
#include "web/web.h"

const struct route web_routes[] = {
    {"GET", "/healthz", ACCESS_ANYBODY, false, web_answer_health},
    {"GET", "/readyz", ACCESS_ANYBODY, false, web_answer_ready},
    {"GET", "/metrics", ACCESS_PAGE, false, web_answer_metrics},
    {"POST", "/callback/", ACCESS_ANYBODY, true, web_answer_callback},
};
const size_t web_route_count = sizeof web_routes / sizeof web_routes[0];
