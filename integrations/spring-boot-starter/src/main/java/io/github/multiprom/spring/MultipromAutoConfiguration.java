package io.github.multiprom.spring;

import io.github.multiprom.metrics.Worker;
import io.github.multiprom.micrometer.MultipromMeterRegistry;
import io.github.multiprom.prometheus.MergedPrometheusRegistry;
import io.micrometer.core.instrument.Clock;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.tracer.common.SpanContext;
import java.nio.file.Path;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;

/**
 * Has an application of Spring Boot count in a metrics directory and show all its workers, if
 * {@code multiprom.dir} or the environment variable {@code PROMETHEUS_MULTIPROC_DIR} names one.
 *
 * <p>Its registries take the place of those of Boot, whose endpoint, properties and customizers
 * work on them as ever.
 */
@AutoConfiguration(
    beforeName = {
      // Boot 3, and Boot 4.
      "org.springframework.boot.actuate.autoconfigure.metrics.export.prometheus.PrometheusMetricsExportAutoConfiguration",
      "org.springframework.boot.micrometer.metrics.autoconfigure.export.prometheus.PrometheusMetricsExportAutoConfiguration"
    },
    afterName = {
      "org.springframework.boot.actuate.autoconfigure.metrics.MetricsAutoConfiguration",
      "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration"
    })
@ConditionalOnClass(PrometheusMeterRegistry.class)
@ConditionalOnBean(Clock.class)
@Conditional(OnDirectoryCondition.class)
@EnableConfigurationProperties(MultipromProperties.class)
public class MultipromAutoConfiguration {
  private static final String PUSH = "management.prometheus.metrics.export.pushgateway.enabled";

  /** For Spring. */
  public MultipromAutoConfiguration() {}

  @Bean
  ApplicationWorker multipromApplicationWorker(
      MultipromProperties properties, Environment environment) {
    if (environment.getProperty(PUSH, Boolean.class, false)) {
      throw new IllegalStateException(
          PUSH
              + " is set: each worker would push the metrics of all workers. Push from one process,"
              + " or have Prometheus scrape /actuator/prometheus of any worker.");
    }
    return new ApplicationWorker(properties, Path.of(MultipromProperties.directory(environment)));
  }

  @Bean(destroyMethod = "")
  @ConditionalOnMissingBean
  Worker multipromWorker(ApplicationWorker worker) {
    return worker.worker();
  }

  @Bean
  @ConditionalOnMissingBean
  MergedPrometheusRegistry multipromPrometheusRegistry(Worker worker) {
    return MergedPrometheusRegistry.of(worker);
  }

  @Bean
  @ConditionalOnMissingBean
  MultipromMeterRegistry multipromMeterRegistry(
      PrometheusConfig config,
      MergedPrometheusRegistry registry,
      Clock clock,
      ObjectProvider<SpanContext> spanContext) {
    return MultipromMeterRegistry.builder(config)
        .prometheusRegistry(registry)
        .clock(clock)
        .spanContext(spanContext.getIfAvailable())
        .build();
  }
}
