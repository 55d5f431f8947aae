/* All that is served, a row each; a route's answer has a file of its own. */
#include "web/web.h"

const struct route web_routes[] = {
    {"GET", "/healthz", ACCESS_ANYBODY, false, web_answer_health},
    {"GET", "/readyz", ACCESS_ANYBODY, false, web_answer_ready},
    {"GET", "/metrics", ACCESS_READ, false, web_answer_metrics},
    {"POST", "/callback/", ACCESS_ANYBODY, true, web_answer_callback},
    {"GET", "/", ACCESS_PAGE, false, web_answer_file},
    {"GET", "/page.css", ACCESS_PAGE, false, web_answer_file},
    {"GET", "/page.js", ACCESS_PAGE, false, web_answer_file},
    {"GET", "/stream.js", ACCESS_PAGE, false, web_answer_file},
    {"GET", "/model.js", ACCESS_PAGE, false, web_answer_file},
    {"GET", "/view.js", ACCESS_PAGE, false, web_answer_file},
    {"GET", "/jobs.js", ACCESS_PAGE, false, web_answer_file},
    {"GET", "/orders.js", ACCESS_PAGE, false, web_answer_file},
    {"GET", "/icon.svg", ACCESS_PAGE, false, web_answer_file},
    {"GET", "/events", ACCESS_READ, false, web_answer_events},
    {"GET", "/job", ACCESS_READ, false, web_answer_job},
    {"POST", "/orders", ACCESS_ORDER, false, web_answer_order},
};
const size_t web_route_count = sizeof web_routes / sizeof web_routes[0];
