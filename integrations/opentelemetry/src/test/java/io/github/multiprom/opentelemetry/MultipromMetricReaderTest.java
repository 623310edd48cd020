package io.github.multiprom.opentelemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.Worker;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.resources.Resource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a real SDK, as an endpoint of the directory shows them. */
@Timeout(300)
class MultipromMetricReaderTest {
  private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");

  @TempDir Path directory;
  private Worker one;
  private Worker two;

  @BeforeEach
  void open() {
    one = Worker.builder().directory(directory).name("one").open();
    two = Worker.builder().directory(directory).name("two").open();
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
  }

  private static SdkMeterProvider provider(Worker worker) {
    return provider(worker, builder -> builder.scopeLabels(false).targetInfo(false));
  }

  private static SdkMeterProvider provider(
      Worker worker, UnaryOperator<MultipromMetricReader.Builder> settings) {
    return SdkMeterProvider.builder()
        .setResource(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), "shop")))
        .registerMetricReader(
            settings.apply(MultipromMetricReader.builder().worker(worker)).build())
        .build();
  }

  private String shown() {
    return Shown.of(directory);
  }

  @Test
  void mergesEveryKindOfInstrument() {
    try (SdkMeterProvider first = provider(one);
        SdkMeterProvider second = provider(two)) {
      record(first, 1);
      record(second, 2);
      assertTrue(first.forceFlush().isSuccess());
      Shown.flush(first, one);
      assertTrue(second.forceFlush().isSuccess());
      Shown.flush(second, two);
      assertEquals(
          """
          # HELP calls_seconds Calls.
          # TYPE calls_seconds histogram
          calls_seconds_bucket{le="1.0",} 1.0
          calls_seconds_bucket{le="5.0",} 2.0
          calls_seconds_bucket{le="+Inf",} 2.0
          calls_seconds_count 2.0
          calls_seconds_sum 3.0
          # HELP cpu_time_seconds_total Time.
          # TYPE cpu_time_seconds_total counter
          cpu_time_seconds_total 30.0
          # HELP http_requests_total Requests.
          # TYPE http_requests_total counter
          http_requests_total{http_route="/cart",} 3.0
          # HELP open_connections Connections.
          # TYPE open_connections gauge
          open_connections 3.0
          # HELP pool_usage_bytes Bytes.
          # TYPE pool_usage_bytes gauge
          pool_usage_bytes{worker="one",} 1.0
          pool_usage_bytes{worker="two",} 2.0
          # HELP temperature_celsius Heat.
          # TYPE temperature_celsius gauge
          temperature_celsius{worker="one",} 1.5
          temperature_celsius{worker="two",} 2.5
          """,
          shown());
    }
  }

  private static void record(SdkMeterProvider provider, int n) {
    Meter meter = provider.get("shop");
    meter
        .counterBuilder("http.requests")
        .setDescription("Requests.")
        .setUnit("{request}")
        .build()
        .add(n, Attributes.of(ROUTE, "/cart"));
    meter
        .counterBuilder("cpu.time")
        .ofDoubles()
        .setUnit("s")
        .setDescription("Time.")
        .buildWithCallback(time -> time.record(10.0 * n));
    meter.upDownCounterBuilder("open.connections").setDescription("Connections.").build().add(n);
    meter.gaugeBuilder("temperature").setUnit("Cel").setDescription("Heat.").build().set(n + 0.5);
    meter
        .gaugeBuilder("pool.usage")
        .ofLongs()
        .setUnit("By")
        .setDescription("Bytes.")
        .buildWithCallback(usage -> usage.record(n));
    meter
        .histogramBuilder("calls")
        .setUnit("s")
        .setDescription("Calls.")
        .setExplicitBucketBoundariesAdvice(List.of(1.0, 5.0))
        .build()
        .record(n);
  }

  @Test
  void labelsSeriesWithTheirScopeAndShowsTheResourceOnce() {
    try (SdkMeterProvider first = provider(one, builder -> builder);
        SdkMeterProvider second = provider(two, builder -> builder)) {
      for (SdkMeterProvider provider : List.of(first, second)) {
        provider.get("a").counterBuilder("jobs").build().add(1);
        provider
            .meterBuilder("b")
            .setInstrumentationVersion("2")
            .setSchemaUrl("http://schema")
            .build()
            .counterBuilder("jobs")
            .build()
            .add(1, Attributes.of(AttributeKey.stringKey("otel.scope.name"), "its own"));
        Shown.flush(provider, provider == first ? one : two);
      }
      String text = shown();
      assertTrue(text.contains("jobs_total{otel_scope_name=\"a\",} 2.0\n"), text);
      String ofB = text.lines().filter(line -> line.contains("its own")).findFirst().orElseThrow();
      assertTrue(ofB.startsWith("jobs_total{otel_scope_name=\"its own\","), text);
      assertTrue(ofB.contains("otel_scope_version=\"2\""), text);
      assertTrue(ofB.contains("otel_scope_schema_url=\"http://schema\""), text);
      assertTrue(ofB.endsWith("} 2.0"), text);
      assertTrue(text.contains("target_info{service_name=\"shop\",} 1.0\n"), text);
    }
  }

  @Test
  void writesAttributesOfAllTypes() {
    try (SdkMeterProvider provider = provider(one)) {
      Attributes attributes =
          Attributes.builder()
              .put("flag", true)
              .put("ratio", 0.5)
              .put("ids", 1L, 2L)
              .put("words", "a\"b", "c\n")
              .put("same.key", "x")
              .put("same_key", "y")
              .build();
      provider.get("shop").counterBuilder("jobs").build().add(1, attributes);
      Shown.flush(provider, one);
      assertTrue(
          shown()
              .contains(
                  "jobs_total{flag=\"true\",ids=\"[1,2]\",ratio=\"0.5\",same_key=\"x;y\","
                      + "words=\"[\\\"a\\\\\\\"b\\\",\\\"c\\\\n\\\"]\",} 1.0\n"),
          this::shown);
    }
  }

  @Test
  void samplesForTheLastTimeAtTheEndAndKeepsWhatWasCounted() {
    SdkMeterProvider provider = provider(one);
    Meter meter = provider.get("shop");
    meter.gaugeBuilder("heat").buildWithCallback(heat -> heat.record(20));
    Shown.flush(provider, one);
    assertTrue(shown().contains("heat{worker=\"one\",} 20.0\n"), this::shown);
    meter.counterBuilder("jobs").build().add(7);
    provider.close();
    one.sampler().sampleNow(Duration.ofSeconds(20));
    String text = shown();
    assertTrue(text.contains("jobs_total 7.0\n"), text);
    assertFalse(text.contains("heat{"), text);
  }

  @Test
  void goesOnBesideACallbackThatFailsAndNamesThatClash() {
    try (SdkMeterProvider provider = provider(one)) {
      AtomicLong asked = new AtomicLong();
      Meter meter = provider.get("shop");
      meter
          .gaugeBuilder("broken")
          .buildWithCallback(
              (ObservableDoubleMeasurement broken) -> {
                asked.incrementAndGet();
                throw new IllegalStateException("broken");
              });
      meter.counterBuilder("a.b").build().add(1);
      meter.counterBuilder("a_b").build().add(5);
      meter.counterBuilder("jobs").build().add(1);
      provider.get("other").counterBuilder("jobs").build().add(5);
      for (int i = 0; i < 3; i++) {
        Shown.flush(provider, one);
      }
      assertTrue(asked.get() >= 3);
      String text = shown();
      // One of the two is shown, and does not rise.
      assertTrue(text.lines().anyMatch(line -> line.matches("a_b_total [15]\\.0")), text);
      assertTrue(text.lines().anyMatch(line -> line.matches("jobs_total [15]\\.0")), text);
    }
  }
}
