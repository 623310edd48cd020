package io.github.multiprom.opentelemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PrometheusNamesTest {
  private static void assertFamily(String expected, String name, String unit) {
    assertEquals(expected, PrometheusNames.family(name, unit), name + " in " + unit);
  }

  @Test
  void replaceWhatPrometheusDoesNotKnow() {
    assertFamily("http_server_request_duration", "http.server.request.duration", "");
    assertFamily("a_b", "a..b", "");
    assertFamily("a_b", "a__b", "");
    assertFamily("a_b", "a ° b", "");
    assertFamily("_bytes", "2bytes", "");
    assertFamily("job:rate", "job:rate", "");
  }

  @Test
  void endWithTheUnit() {
    assertFamily("latency_seconds", "latency", "s");
    assertFamily("latency_seconds", "latency.seconds", "s");
    assertFamily("latency_milliseconds", "latency", "ms");
    assertFamily("heap_bytes", "heap", "By");
    assertFamily("heap_mebibytes", "heap", "MiBy");
    assertFamily("load_percent", "load", "%");
    assertFamily("heat_celsius", "heat", "Cel");
    assertFamily("utilization", "utilization", "1");
    assertFamily("requests", "requests", "{request}");
    assertFamily("speed_meters_per_second", "speed", "m/s");
    assertFamily("flow_bytes_per_hour", "flow", "By/h");
    assertFamily("rate_per_second", "rate", "{request}/s");
    assertFamily("turns_per_Hz", "turns", "/Hz");
    assertFamily("size_furlong", "size", "furlong");
    assertFamily("odd_a_b", "odd", "a·b");
  }

  @Test
  void haveNoReservedEnd() {
    assertFamily("requests", "requests.total", "");
    assertFamily("requests_seconds", "requests_total", "s");
    assertFamily("build", "build.info", "");
    assertFamily("x", "x_bucket_created", "");
    assertFamily("total", "_total", "");
    assertFamily("x", "x", "total");
    assertFamily("x_things", "x", "things_total");
  }

  @Test
  void ofLabelsHaveLettersDigitsAndSingleUnderscores() {
    assertEquals("http_route", PrometheusNames.label("http.route"));
    assertEquals("_private", PrometheusNames.label("__private"));
    assertEquals("key_2xx", PrometheusNames.label("2xx"));
    assertEquals("a_b", PrometheusNames.label("a:b"));
  }
}
