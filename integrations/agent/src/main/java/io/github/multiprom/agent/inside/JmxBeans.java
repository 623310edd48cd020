package io.github.multiprom.agent.inside;

import io.github.multiprom.metrics.SampledSource;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.prometheus.RegistrySource;
import io.prometheus.jmx.JmxCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.File;
import java.io.IOException;
import javax.management.MalformedObjectNameException;

/** The beans of this JVM, as a configuration of jmx_exporter names them. */
final class JmxBeans {
  private JmxBeans() {}

  /**
   * Has them sampled.
   *
   * @param file the configuration
   */
  static void sample(Worker worker, String file) throws IOException, MalformedObjectNameException {
    PrometheusRegistry registry = new PrometheusRegistry();
    new JmxCollector(new File(file), JmxCollector.Mode.AGENT).register(registry);
    SampledSource source = new RegistrySource(registry);
    worker.sampler().add(to -> source.sample(new ApplicationSink(to)));
  }
}
