package io.github.multiprom.cli;

import io.github.multiprom.internal.directory.DirectoryReader;
import io.github.multiprom.merge.MultiprocessCollector;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.python.PythonSource;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options that tell what is collected, and how. */
final class CollectorOptions {
  @Spec(Target.MIXEE)
  private CommandSpec command;

  @Mixin private DirectoryArgument directory;

  private String workerLabel =
      System.getProperty(
          MultiprocessCollector.WORKER_LABEL_PROPERTY, MultiprocessCollector.DEFAULT_WORKER_LABEL);

  @Option(
      names = "--worker-label",
      paramLabel = "L",
      description = "The label of per-worker gauges; by default worker.")
  void setWorkerLabel(String label) {
    try {
      FamilyDescriptor.checkLabelName(label);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    workerLabel = label;
  }

  @Option(
      names = "--python",
      description = "Merges what Python workers count in the directory with client_python, too.")
  private boolean python;

  @Option(
      names = "--retire-python",
      description =
          "The same, and retires files of Python workers that have ended: only where no Python"
              + " endpoint reads them.")
  private boolean retiringPython;

  /** See {@link DirectoryOption#path()}. */
  Path path() {
    return directory.path();
  }

  /** See {@link DirectoryOption#existing()}. */
  Path existing() {
    return directory.existing();
  }

  /** A reader of a directory. */
  DirectoryReader reader(Path path) {
    return python || retiringPython
        ? new DirectoryReader(path, new PythonSource(path, retiringPython))
        : new DirectoryReader(path);
  }

  /** A collector of what a reader reads, which is closed with it. */
  MultiprocessCollector collector(DirectoryReader reader) {
    return new MultiprocessCollector(reader, workerLabel);
  }
}
