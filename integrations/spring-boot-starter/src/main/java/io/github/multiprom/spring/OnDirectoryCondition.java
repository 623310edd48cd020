package io.github.multiprom.spring;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Holds if the application names a metrics directory and exposes metrics to Prometheus, which
 * Boot's tests do not by default. Thread-safe.
 */
final class OnDirectoryCondition extends SpringBootCondition {
  private static final String EXPORT = "management.prometheus.metrics.export.enabled";
  private static final String EXPORT_OF_ALL = "management.defaults.metrics.export.enabled";

  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, AnnotatedTypeMetadata metadata) {
    Environment environment = context.getEnvironment();
    String directory = MultipromProperties.directory(environment);
    ConditionMessage.Builder message = ConditionMessage.forCondition("Multiprom");
    if (directory == null) {
      return ConditionOutcome.noMatch(message.because("no directory is named"));
    }
    boolean ofAll = environment.getProperty(EXPORT_OF_ALL, Boolean.class, true);
    if (!environment.getProperty(EXPORT, Boolean.class, ofAll)) {
      return ConditionOutcome.noMatch(message.because("no metrics are exposed to Prometheus"));
    }
    return ConditionOutcome.match(message.foundExactly(directory));
  }
}
