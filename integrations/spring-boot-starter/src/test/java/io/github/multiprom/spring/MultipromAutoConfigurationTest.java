package io.github.multiprom.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.multiprom.metrics.Worker;
import io.github.multiprom.micrometer.MultipromMeterRegistry;
import io.github.multiprom.spring.application.Application;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.beans.IntrospectionException;
import java.beans.Introspector;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootVersion;
import org.springframework.context.ConfigurableApplicationContext;

@Timeout(120)
class MultipromAutoConfigurationTest {
  private static final String HELLO =
      "http_server_requests_seconds_count{error=\"none\",exception=\"none\",method=\"GET\","
          + "outcome=\"SUCCESS\",status=\"200\",uri=\"/hello\"}";

  private static final String PROTOBUF =
      String.join(
          "; ",
          "application/vnd.google.protobuf",
          "proto=io.prometheus.client.MetricFamily",
          "encoding=delimited");
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path directory;

  private ConfigurableApplicationContext start(String worker) {
    return Application.start(
        "--multiprom.dir=" + directory,
        "--multiprom.worker=" + worker,
        "--spring.jmx.enabled=false");
  }

  @Test
  void showsAllWorkersAtTheEndpointOfEach() {
    System.out.println("Spring Boot " + SpringBootVersion.getVersion());
    try (ConfigurableApplicationContext one = start("one");
        ConfigurableApplicationContext two = start("two")) {
      assertEquals(
          MultipromMeterRegistry.class, one.getBean(PrometheusMeterRegistry.class).getClass());
      int first = Application.port(one);
      int second = Application.port(two);
      for (int i = 0; i < 3; i++) {
        assertEquals("hello", Pages.get(first, "/hello"));
      }
      Pages.get(second, "/hello");
      CounterWithCallback.builder()
          .name("own")
          .callback(callback -> callback.call(7))
          .register(two.getBean(PrometheusRegistry.class));

      // Under load a pass may take longer than a scrape waits for it.
      one.getBean(Worker.class).sampler().sampleNow(LONG);
      two.getBean(Worker.class).sampler().sampleNow(LONG);

      for (int port : new int[] {first, second}) {
        String text = Pages.awaitSum(port, HELLO, 4);
        assertEquals(4, Pages.sum(text, "greetings_total{kind=\"short\"}"), text);
        assertTrue(text.contains("worker=\"one\""), text);
        assertTrue(text.contains("worker=\"two\""), text);
      }
      String own = Pages.get(second, Pages.METRICS + "?includedNames=own_total");
      assertEquals("# TYPE own_total counter\nown_total 7.0\n", own.replaceAll("# HELP.*\n", ""));

      String openMetrics =
          new String(
              Pages.get(first, Pages.METRICS, "application/openmetrics-text").body(),
              StandardCharsets.UTF_8);
      assertTrue(openMetrics.endsWith("# EOF\n"), openMetrics);
      String type =
          Pages.get(first, Pages.METRICS, PROTOBUF).headers().firstValue("Content-Type").orElse("");
      assertTrue(type.startsWith("application/vnd.google.protobuf"), type);

      two.close();
      String text = Pages.get(first, Pages.METRICS);
      assertEquals(4, Pages.sum(text, HELLO), text);
      assertFalse(text.contains("worker=\"two\""), text);
    }
  }

  @Test
  void goesOnWithTheWorkerThatTheApplicationHasOpened() {
    try (Worker open = Worker.builder().directory(directory).name("static").open()) {
      try (ConfigurableApplicationContext context =
          Application.start(
              "--multiprom.dir=" + directory, "--spring.main.web-application-type=none")) {
        assertSame(open, context.getBean(Worker.class));
      }
      assertSame(open, Worker.findDefault().orElseThrow());
    }
  }

  @Test
  void keepsTheExemplarsOfATracer() {
    try (ConfigurableApplicationContext context =
        Application.start(
            "--multiprom.dir=" + directory,
            "--management.tracing.sampling.probability=1",
            "--management.metrics.distribution.percentiles-histogram.http.server.requests=true")) {
      int port = Application.port(context);
      String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
      Pages.get(port, "/hello", "text/plain", "00-" + trace + "-00f067aa0ba902b7-01");
      Pages.awaitSum(port, HELLO, 1);
      String text =
          new String(
              Pages.get(port, Pages.METRICS, "application/openmetrics-text").body(),
              StandardCharsets.UTF_8);
      String exemplar = "# \\{span_id=\"[0-9a-f]{16}\",trace_id=\"" + trace + "\"\\} .*";
      assertTrue(
          text.lines().anyMatch(line -> line.matches("greetings_total\\{.*} 1\\.0 " + exemplar)),
          text);
      assertTrue(
          text.lines()
              .anyMatch(
                  line ->
                      line.matches(
                          "http_server_requests_seconds_bucket\\{.*uri=\"/hello\".*} 1 "
                              + exemplar)),
          text);
    }
  }

  @Test
  void doesNothingWithoutADirectory() {
    for (String argument :
        new String[] {
          "--multiprom.worker=one",
          "--multiprom.dir=",
          "--multiprom.dir=" + directory + " --management.prometheus.metrics.export.enabled=false"
        }) {
      try (ConfigurableApplicationContext context =
          Application.start(
              (argument + " --spring.main.web-application-type=none").split(" ", -1))) {
        assertTrue(context.getBeansOfType(ApplicationWorker.class).isEmpty(), argument);
        assertTrue(context.getBeansOfType(MultipromMeterRegistry.class).isEmpty(), argument);
      }
    }
  }

  @Test
  void refusesToPushTheMetricsOfAllWorkersFromEach() {
    Exception refused =
        assertThrows(
            Exception.class,
            () ->
                Application.start(
                    "--multiprom.dir=" + directory,
                    "--spring.main.web-application-type=none",
                    "--management.prometheus.metrics.export.pushgateway.enabled=true"));
    Throwable cause = refused;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    assertTrue(
        cause.getMessage().contains("each worker would push the metrics of all workers"),
        cause.getMessage());
  }

  @Test
  void describesEachOfItsPropertiesToAnEditor() throws IOException, IntrospectionException {
    String metadata;
    try (InputStream in =
        getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
      metadata = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    for (var property :
        Introspector.getBeanInfo(MultipromProperties.class, Object.class)
            .getPropertyDescriptors()) {
      String name =
          "multiprom."
              + property.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
      String type = property.getPropertyType().getName();
      assertTrue(
          Arrays.stream(metadata.split("\\{", -1))
              .anyMatch(
                  part ->
                      part.contains("\"name\": \"" + name + "\"")
                          && part.contains("\"type\": \"" + type + "\"")),
          name);
    }
  }
}
