package io.github.multiprom.exposition.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.multiprom.exposition.format.ExpositionFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NegotiationTest {
  /** The cases of prometheus/common's TestNegotiateOpenMetrics and what browsers and curl send. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/openmetrics-text;version=1.0.0 | OPENMETRICS",
        "application/openmetrics-text;version=0.0.1 | OPENMETRICS",
        "application/openmetrics-text | OPENMETRICS",
        "application/openmetrics-text;version=9.9.9 | TEXT",
        "application/openmetrics-text; version=\"1.0.0\" | OPENMETRICS",
        "text/plain;version=0.0.4 | TEXT",
        "text/plain | TEXT",
        "'' | TEXT",
        "*/* | TEXT",
        "nonsense;;=,, | TEXT",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4;q=0.3"
            + " | PROTOBUF",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,text/plain;version=0.0.4"
            + " | TEXT",
        "application/vnd.google.protobuf; encoding=delimited;"
            + " proto=io.prometheus.client.MetricFamily | PROTOBUF",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text |"
            + " TEXT",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily | TEXT",
        "application/vnd.google.protobuf;proto=other.Message;encoding=delimited | TEXT",
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0"
            + " | TEXT",
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.7 | TEXT",
        "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.7"
            + " | OPENMETRICS",
        "application/openmetrics-text;q=0,text/plain | TEXT",
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
            + " | OPENMETRICS"
      })
  void choosesTheFormat(String accept, ExpositionFormat expected) {
    assertEquals(expected, Negotiation.format(accept));
  }

  /** The headers of servers without and with native histograms, from their sources. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          2.42 | OPENMETRICS | application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1
          2.42 | PROTOBUF    | application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1
          2.55 | OPENMETRICS | application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2
          2.55 | PROTOBUF    | application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,application/openmetrics-text;version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1
          2.55 | PROTOBUF    | application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.4,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.2,*/*;q=0.1
          3.0  | OPENMETRICS | application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;q=0.2
          3.0  | PROTOBUF    | application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.2,*/*;q=0.1
          3.8  | OPENMETRICS | application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2
          3.8  | PROTOBUF    | application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1
          """)
  void choosesWhatPrometheusPrefers(String version, ExpositionFormat expected, String accept) {
    assertEquals(expected, Negotiation.format(accept), version);
    assertEquals(ExpositionFormat.OPENMETRICS, Negotiation.textFormat(accept), version);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip | true",
        "gzip, deflate, br | true",
        "deflate | false",
        "gzip;q=0 | false",
        "*;q=0.5 | true",
        "gzip;q=0, * | false",
        "identity | false",
        "'' | false"
      })
  void choosesTheEncoding(String acceptEncoding, boolean gzip) {
    assertEquals(gzip, Negotiation.isGzipAccepted(acceptEncoding));
  }
}
