package io.github.multiprom.merge;

import static io.github.multiprom.merge.WorkerDirectory.counter;
import static io.github.multiprom.merge.WorkerDirectory.gauge;
import static io.github.multiprom.merge.WorkerDirectory.histogram;
import static io.github.multiprom.merge.WorkerDirectory.liveGauge;
import static io.github.multiprom.merge.WorkerDirectory.summary;

import io.github.multiprom.internal.worker.Children;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.internal.worker.StoreUnderTest;
import io.github.multiprom.merge.WorkerDirectory.Worker;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.GaugeFold;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** A worker of a {@link RandomSequence}; what it does is done when the method returns. */
interface SequenceWorker {
  void addC(String label, double amount) throws IOException;

  void addR(double amount) throws IOException;

  void removeR() throws IOException;

  void observeH(double value) throws IOException;

  void observeS(double value) throws IOException;

  /** Sets the gauge {@code live_} or {@code any_} and the name of a fold. */
  void setGauge(String name, double value) throws IOException;

  void exit() throws IOException;

  void kill() throws IOException;

  /** A worker of this process. */
  final class InProcess implements SequenceWorker {
    private static final FamilyDescriptor C = counter("c", "l");
    private static final FamilyDescriptor R = counter("r");
    private static final FamilyDescriptor H = histogram("h", List.of(1.0));
    private static final FamilyDescriptor S = summary("s");

    private final Worker worker;

    InProcess(Worker worker) {
      this.worker = worker;
    }

    @Override
    public void addC(String label, double amount) throws IOException {
      worker.counter(C, label).add(amount);
    }

    @Override
    public void addR(double amount) throws IOException {
      worker.counter(R).add(amount);
    }

    @Override
    public void removeR() throws IOException {
      worker.remove(R);
    }

    @Override
    public void observeH(double value) throws IOException {
      worker.distribution(H).observe(value <= 1 ? 0 : 1, value);
    }

    @Override
    public void observeS(double value) throws IOException {
      worker.distribution(S).observe(0, value);
    }

    @Override
    public void setGauge(String name, double value) throws IOException {
      GaugeFold fold = GaugeFold.valueOf(name.substring(name.indexOf('_') + 1));
      worker.gauge(name.startsWith("live_") ? liveGauge(name, fold) : gauge(name, fold)).set(value);
    }

    @Override
    public void exit() {
      worker.close();
    }

    @Override
    public void kill() {
      worker.kill();
    }
  }

  /** A worker in a JVM of its own, which does what it is told line by line. */
  final class InOwnProcess implements SequenceWorker {
    private final Children children;
    private final Process process;

    InOwnProcess(Children children, Path directory, String name) throws IOException {
      this.children = children;
      process = children.start(InOwnProcess.class, directory.toString(), name);
      awaitDone();
    }

    private void tell(String what, Object... about) throws IOException {
      BufferedWriter input = process.outputWriter();
      input.write(what);
      for (Object word : about) {
        input.write(" " + word);
      }
      input.newLine();
      input.flush();
      awaitDone();
    }

    private void awaitDone() throws IOException {
      String answer = process.inputReader().readLine();
      if (!"done".equals(answer)) {
        throw new IOException("answer of the worker: " + answer);
      }
    }

    @Override
    public void addC(String label, double amount) throws IOException {
      tell("addC", label, amount);
    }

    @Override
    public void addR(double amount) throws IOException {
      tell("addR", amount);
    }

    @Override
    public void removeR() throws IOException {
      tell("removeR");
    }

    @Override
    public void observeH(double value) throws IOException {
      tell("observeH", value);
    }

    @Override
    public void observeS(double value) throws IOException {
      tell("observeS", value);
    }

    @Override
    public void setGauge(String name, double value) throws IOException {
      tell("setGauge", name, value);
    }

    @Override
    public void exit() throws IOException {
      process.outputWriter().close();
      awaitEnd();
    }

    @Override
    public void kill() throws IOException {
      process.destroyForcibly();
      awaitEnd();
    }

    private void awaitEnd() throws IOException {
      try {
        children.forget(process);
      } catch (InterruptedException | TimeoutException e) {
        throw new IOException(e);
      }
    }

    /** Arguments: the directory and the worker's name. */
    public static void main(String[] arguments) throws IOException {
      StoreOptions options = StoreUnderTest.options(arguments[1], 4);
      Worker worker = new Worker(MappedIncarnation.inDirectory(Path.of(arguments[0]), options));
      SequenceWorker here = new InProcess(worker);
      BufferedReader input =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      System.out.println("done");
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        String[] words = line.split(" ", -1);
        double value = words.length == 1 ? 0 : Double.parseDouble(words[words.length - 1]);
        switch (words[0]) {
          case "addC" -> here.addC(words[1], value);
          case "addR" -> here.addR(value);
          case "removeR" -> here.removeR();
          case "observeH" -> here.observeH(value);
          case "observeS" -> here.observeS(value);
          case "setGauge" -> here.setGauge(words[1], value);
          default -> throw new IOException(line);
        }
        System.out.println("done");
      }
      here.exit();
    }
  }
}
