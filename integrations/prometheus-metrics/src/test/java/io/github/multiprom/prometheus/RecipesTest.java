package io.github.multiprom.prometheus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import io.github.multiprom.metrics.Worker;
import io.prometheus.jmx.JmxCollector;
import io.prometheus.metrics.instrumentation.dropwizard.DropwizardExports;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipes of docs/prometheus-metrics.md for the metrics of other libraries. */
class RecipesTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path directory;

  /** Something that an application does with a registry. */
  private interface Recipe {
    void use(PrometheusRegistry registry) throws Exception;
  }

  /** The samples of the application that two workers show. */
  private String shown(Recipe ofOne, Recipe ofTwo) throws Exception {
    try (Worker one = worker("one");
        Worker two = worker("two");
        MergedPrometheusRegistry first = MergedPrometheusRegistry.of(one);
        MergedPrometheusRegistry second = MergedPrometheusRegistry.of(two)) {
      ofOne.use(first);
      ofTwo.use(second);
      one.sampler().sampleNow(LONG);
      two.sampler().sampleNow(LONG);
      return Scrapes.ofApplication(first)
          .lines()
          .filter(line -> !line.startsWith("# HELP ") && !line.contains("jmx_"))
          .collect(Collectors.joining("\n", "", "\n"));
    }
  }

  private Worker worker(String name) {
    return Worker.builder().directory(directory).name(name).open();
  }

  @Test
  void mergesDropwizard() throws Exception {
    assertEquals(
        """
        # TYPE checkout summary
        checkout_count 2
        checkout_sum 0.0
        # TYPE open_orders gauge
        open_orders{worker="one"} 1.0
        open_orders{worker="two"} 2.0
        # TYPE orders_total counter
        orders_total 30.0
        # TYPE queue_depth gauge
        queue_depth{worker="one"} 1.0
        queue_depth{worker="two"} 2.0
        # TYPE refunds_total counter
        refunds_total 3.0
        """,
        shown(registry -> dropwizard(1, registry), registry -> dropwizard(2, registry)));
  }

  private static void dropwizard(int n, PrometheusRegistry registry) {
    MetricRegistry metrics = new MetricRegistry();
    Counter open = metrics.counter("open");
    // Numbers that a counter which fell would get wrong.
    open.inc(5 + n);
    open.dec(5);
    metrics.gauge("open.orders", () -> open::getCount);
    DropwizardExports.builder()
        .dropwizardRegistry(metrics)
        .metricFilter((name, metric) -> metric != open)
        .register(registry);

    metrics.meter("orders").mark(10L * n);
    metrics.timer("checkout").update(Duration.ofSeconds(n));
    metrics.counter("refunds").inc(n);
    metrics.gauge("queue.depth", () -> () -> n);
  }

  /** What an application shows over JMX. */
  public interface OrdersMXBean {
    /** Since the start. */
    long getPlaced();

    /** Now. */
    int getOpen();
  }

  private record Orders(long placed, int open) implements OrdersMXBean {
    @Override
    public long getPlaced() {
      return placed;
    }

    @Override
    public int getOpen() {
      return open;
    }
  }

  @Test
  void mergesJmx() throws Exception {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    ObjectName name = new ObjectName("shop:type=Orders");
    beans.registerMBean(new Orders(7, 2), name);
    try {
      // Both workers are in this JVM, and so read the same bean.
      assertEquals(
          """
          # TYPE shop_orders_open gauge
          shop_orders_open{worker="one"} 2.0
          shop_orders_open{worker="two"} 2.0
          # TYPE shop_orders_placed_total counter
          shop_orders_placed_total 14.0
          """,
          shown(RecipesTest::jmx, RecipesTest::jmx));
    } finally {
      beans.unregisterMBean(name);
    }
  }

  private static void jmx(PrometheusRegistry registry) throws Exception {
    String rules =
        """
        includeObjectNames: ["shop:*"]
        rules:
        - pattern: shop<type=Orders><>Placed
          name: shop_orders_placed_total
          type: COUNTER
        - pattern: shop<type=Orders><>Open
          name: shop_orders_open
          type: GAUGE
        """;
    new JmxCollector(rules).register(registry);
  }
}
