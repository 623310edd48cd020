package io.github.multiprom.internal.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag(StoreUnderTest.TAG)
class StoreUnderTestTest {
  @Test
  void isTheOneThatWorkersUse(@TempDir Path directory) throws IOException {
    try (MappedIncarnation worker =
        MappedIncarnation.inDirectory(directory, StoreUnderTest.options("w", 1))) {
      Fixtures.addCounter(worker, "c").add(2);
      assertEquals(
          StoreUnderTest.KIND == StoreKind.CHRONICLE ? 1 : 0, StoreUnderTest.mapCount(directory));
      assertEquals(2, Fixtures.sumOf(Fixtures.read(directory).workers().get(0), "c"));
    }
  }
}
