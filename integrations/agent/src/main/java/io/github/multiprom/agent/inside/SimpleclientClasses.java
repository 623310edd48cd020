package io.github.multiprom.agent.inside;

import static org.objectweb.asm.Opcodes.ACC_PUBLIC;
import static org.objectweb.asm.Opcodes.ACC_SYNTHETIC;
import static org.objectweb.asm.Opcodes.ACC_TRANSIENT;
import static org.objectweb.asm.Opcodes.ACONST_NULL;
import static org.objectweb.asm.Opcodes.ALOAD;
import static org.objectweb.asm.Opcodes.ARETURN;
import static org.objectweb.asm.Opcodes.ASM9;
import static org.objectweb.asm.Opcodes.DLOAD;
import static org.objectweb.asm.Opcodes.DRETURN;
import static org.objectweb.asm.Opcodes.DUP;
import static org.objectweb.asm.Opcodes.F_SAME;
import static org.objectweb.asm.Opcodes.F_SAME1;
import static org.objectweb.asm.Opcodes.GETFIELD;
import static org.objectweb.asm.Opcodes.IFNULL;
import static org.objectweb.asm.Opcodes.INVOKEINTERFACE;
import static org.objectweb.asm.Opcodes.INVOKESTATIC;
import static org.objectweb.asm.Opcodes.INVOKEVIRTUAL;
import static org.objectweb.asm.Opcodes.POP;
import static org.objectweb.asm.Opcodes.RETURN;

import java.util.Set;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;

/**
 * The bytecode of simpleclient's classes, changed. Immutable.
 *
 * <p>Each change is put before or behind the code of a method, which stays:
 *
 * <table>
 * <caption>Changes</caption>
 * <tr><th>class</th><th>method</th><th>change</th></tr>
 * <tr><td>DoubleAdder</td><td>add, sum</td><td>of a linked one: calls the link instead</td></tr>
 * <tr><td>Gauge.Child</td><td>set</td><td>the same</td></tr>
 * <tr><td>Histogram.Child, Summary.Child</td><td>observe</td><td>the same; a summary also keeps its
 *     quantiles</td></tr>
 * <tr><td>SimpleCollector</td><td>labels, setChild, remove, clear</td><td>tells the agent</td></tr>
 * <tr><td>CollectorRegistry</td><td>register, unregister, clear</td><td>tells the agent</td></tr>
 * <tr><td></td><td>metricFamilySamples and with filters</td><td>returns what the agent gives, if it
 *     gives anything</td></tr>
 * </table>
 *
 * <p>These methods are in all versions from 0.0.26 to 0.16.
 */
final class SimpleclientClasses {
  private static final String CONSUMER = "java/util/function/DoubleConsumer";
  private static final String SUPPLIER = "java/util/function/DoubleSupplier";
  private static final String ADD = "multiprom$add";
  private static final String SUM = "multiprom$sum";
  private static final String SET = "multiprom$set";
  private static final String OBSERVE = "multiprom$observe";
  private static final String SAMPLES = "metricFamilySamples";
  private static final String FILTERED = "filteredMetricFamilySamples";
  private static final Set<String> NAMES =
      Set.of(
          "DoubleAdder",
          "Gauge$Child",
          "Histogram$Child",
          "Summary$Child",
          "SimpleCollector",
          "CollectorRegistry");

  private SimpleclientClasses() {}

  /** Whether a class, without its package, is changed. */
  static boolean has(String name) {
    return NAMES.contains(name);
  }

  /**
   * The changed class.
   *
   * @param name without its package
   * @param part the package, with slashes, also at the end
   */
  static byte[] change(String name, String part, byte[] bytes) {
    ClassReader reader = new ClassReader(bytes);
    // Frames are written by hand: to compute them would load classes of the application.
    ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
    reader.accept(
        switch (name) {
          case "DoubleAdder" -> new Adder(writer);
          case "Gauge$Child" -> new GaugeChild(writer);
          case "Histogram$Child" -> new Observer(writer, null);
          case "Summary$Child" -> new Observer(writer, part + "TimeWindowQuantiles");
          case "SimpleCollector" -> new Family(writer, part);
          case "CollectorRegistry" -> new Registry(writer, part);
          default -> throw new IllegalArgumentException(name);
        },
        0);
    return writer.toByteArray();
  }

  /** A class, with its name. */
  private abstract static class Change extends ClassVisitor {
    String owner;

    Change(ClassVisitor to) {
      super(ASM9, to);
    }

    @Override
    public void visit(
        int version,
        int access,
        String name,
        String signature,
        String parent,
        String[] interfaces) {
      owner = name;
      super.visit(version, access, name, signature, parent, interfaces);
    }

    final void addField(String name, String type) {
      super.visitField(
              ACC_PUBLIC | ACC_TRANSIENT | ACC_SYNTHETIC, name, "L" + type + ";", null, null)
          .visitEnd();
    }

    @Override
    public final MethodVisitor visitMethod(
        int access, String name, String type, String signature, String[] exceptions) {
      MethodVisitor to = super.visitMethod(access, name, type, signature, exceptions);
      return change(name, type, to);
    }

    abstract MethodVisitor change(String name, String type, MethodVisitor to);

    /** What is put before the code of a method. */
    final void callLink(MethodVisitor to, String field) {
      to.visitVarInsn(ALOAD, 0);
      to.visitFieldInsn(GETFIELD, owner, field, "L" + CONSUMER + ";");
      to.visitVarInsn(DLOAD, 1);
      to.visitMethodInsn(INVOKEINTERFACE, CONSUMER, "accept", "(D)V", true);
    }

    /** Jumps to a label if there is no link. */
    final void unlessLinked(MethodVisitor to, String field, String type, Label otherwise) {
      to.visitVarInsn(ALOAD, 0);
      to.visitFieldInsn(GETFIELD, owner, field, "L" + type + ";");
      to.visitJumpInsn(IFNULL, otherwise);
    }

    final MethodVisitor linked(MethodVisitor to, String field) {
      return new MethodVisitor(ASM9, to) {
        @Override
        public void visitCode() {
          super.visitCode();
          Label otherwise = new Label();
          unlessLinked(mv, field, CONSUMER, otherwise);
          callLink(mv, field);
          mv.visitInsn(RETURN);
          mv.visitLabel(otherwise);
          mv.visitFrame(F_SAME, 0, null, 0, null);
        }
      };
    }
  }

  private static final class Adder extends Change {
    Adder(ClassVisitor to) {
      super(to);
    }

    @Override
    MethodVisitor change(String name, String type, MethodVisitor to) {
      if (name.equals("add") && type.equals("(D)V")) {
        return linked(to, ADD);
      }
      return name.equals("sum") && type.equals("()D") ? sum(to) : to;
    }

    private MethodVisitor sum(MethodVisitor to) {
      return new MethodVisitor(ASM9, to) {
        @Override
        public void visitCode() {
          super.visitCode();
          Label otherwise = new Label();
          unlessLinked(mv, SUM, SUPPLIER, otherwise);
          mv.visitVarInsn(ALOAD, 0);
          mv.visitFieldInsn(GETFIELD, owner, SUM, "L" + SUPPLIER + ";");
          mv.visitMethodInsn(INVOKEINTERFACE, SUPPLIER, "getAsDouble", "()D", true);
          mv.visitInsn(DRETURN);
          mv.visitLabel(otherwise);
          mv.visitFrame(F_SAME, 0, null, 0, null);
        }
      };
    }

    @Override
    public void visitEnd() {
      addField(ADD, CONSUMER);
      addField(SUM, SUPPLIER);
      super.visitEnd();
    }
  }

  private static final class GaugeChild extends Change {
    GaugeChild(ClassVisitor to) {
      super(to);
    }

    @Override
    MethodVisitor change(String name, String type, MethodVisitor to) {
      return name.equals("set") && type.equals("(D)V") ? linked(to, SET) : to;
    }

    @Override
    public void visitEnd() {
      addField(SET, CONSUMER);
      super.visitEnd();
    }
  }

  /** Of a histogram or a summary. */
  private static final class Observer extends Change {
    // Null if there are none.
    private final String quantiles;

    Observer(ClassVisitor to, String quantiles) {
      super(to);
      this.quantiles = quantiles;
    }

    @Override
    MethodVisitor change(String name, String type, MethodVisitor to) {
      if (name.equals("observe") && type.equals("(D)V")) {
        return quantiles == null ? linked(to, OBSERVE) : linkedWithQuantiles(to);
      }
      return name.equals("observeWithExemplar") && type.equals("(D[Ljava/lang/String;)V")
          ? linked(to, OBSERVE)
          : to;
    }

    private MethodVisitor linkedWithQuantiles(MethodVisitor to) {
      return new MethodVisitor(ASM9, to) {
        @Override
        public void visitCode() {
          super.visitCode();
          Label otherwise = new Label();
          Label noQuantiles = new Label();
          unlessLinked(mv, OBSERVE, CONSUMER, otherwise);
          callLink(mv, OBSERVE);
          unlessLinked(mv, "quantileValues", quantiles, noQuantiles);
          mv.visitVarInsn(ALOAD, 0);
          mv.visitFieldInsn(GETFIELD, owner, "quantileValues", "L" + quantiles + ";");
          mv.visitVarInsn(DLOAD, 1);
          mv.visitMethodInsn(INVOKEVIRTUAL, quantiles, "insert", "(D)V", false);
          mv.visitLabel(noQuantiles);
          mv.visitFrame(F_SAME, 0, null, 0, null);
          mv.visitInsn(RETURN);
          mv.visitLabel(otherwise);
          mv.visitFrame(F_SAME, 0, null, 0, null);
        }
      };
    }

    @Override
    public void visitEnd() {
      addField(OBSERVE, CONSUMER);
      super.visitEnd();
    }
  }

  /** A class of which methods tell the agent something. */
  private abstract static class Telling extends Change {
    private final String hooks;

    Telling(ClassVisitor to, String part) {
      super(to);
      hooks = part + "MultipromHooks";
    }

    final void tell(MethodVisitor to, String what, String type) {
      to.visitMethodInsn(INVOKESTATIC, hooks, what, type, false);
    }

    final void tellOfArguments(MethodVisitor to, String what, String type, int count) {
      for (int i = 0; i < count; i++) {
        to.visitVarInsn(ALOAD, i);
      }
      tell(to, what, type);
    }

    final MethodVisitor before(MethodVisitor to, String what, String type, int count) {
      return new MethodVisitor(ASM9, to) {
        @Override
        public void visitCode() {
          super.visitCode();
          tellOfArguments(mv, what, type, count);
        }
      };
    }

    final MethodVisitor behind(MethodVisitor to, String what, String type, int count) {
      return new MethodVisitor(ASM9, to) {
        @Override
        public void visitInsn(int code) {
          if (code == RETURN || code == ARETURN) {
            tellOfArguments(mv, what, type, count);
          }
          super.visitInsn(code);
        }
      };
    }
  }

  private static final class Family extends Telling {
    private static final String NAMED = "(Ljava/lang/Object;[Ljava/lang/String;)V";
    private static final String CHILD =
        "(Ljava/lang/Object;Ljava/lang/Object;[Ljava/lang/String;)V";

    Family(ClassVisitor to, String part) {
      super(to, part);
    }

    @Override
    MethodVisitor change(String name, String type, MethodVisitor to) {
      return switch (name) {
        case "labels" -> made(to);
        case "setChild" -> behind(to, "set", CHILD, 3);
        case "remove" ->
            type.equals("([Ljava/lang/String;)V") ? before(to, "remove", NAMED, 2) : to;
        case "clear" -> before(to, "clear", "(Ljava/lang/Object;)V", 1);
        default -> to;
      };
    }

    /** A child is linked before any other thread can see it. */
    private MethodVisitor made(MethodVisitor to) {
      return new MethodVisitor(ASM9, to) {
        @Override
        public void visitMethodInsn(
            int code, String owner, String name, String type, boolean isInterface) {
          super.visitMethodInsn(code, owner, name, type, isInterface);
          if (name.equals("newChild")) {
            mv.visitInsn(DUP);
            mv.visitVarInsn(ALOAD, 0);
            mv.visitVarInsn(ALOAD, 1);
            tell(mv, "made", CHILD);
          }
        }
      };
    }
  }

  private static final class Registry extends Telling {
    private static final String TWO = "(Ljava/lang/Object;Ljava/lang/Object;)V";
    private static final String RESULT = "java/util/Enumeration";

    Registry(ClassVisitor to, String part) {
      super(to, part);
    }

    @Override
    MethodVisitor change(String name, String type, MethodVisitor to) {
      return switch (name) {
        case "register" -> behind(to, "registered", TWO, 2);
        case "unregister" -> behind(to, "unregistered", TWO, 2);
        case "clear" -> behind(to, "cleared", "(Ljava/lang/Object;)V", 1);
        case SAMPLES -> type.startsWith("()") ? samples(to, false) : to;
        case FILTERED -> samples(to, true);
        default -> to;
      };
    }

    private MethodVisitor samples(MethodVisitor to, boolean isFiltered) {
      return new MethodVisitor(ASM9, to) {
        @Override
        public void visitCode() {
          super.visitCode();
          Label own = new Label();
          mv.visitVarInsn(ALOAD, 0);
          if (isFiltered) {
            mv.visitVarInsn(ALOAD, 1);
          } else {
            mv.visitInsn(ACONST_NULL);
          }
          tell(mv, "samples", "(Ljava/lang/Object;Ljava/lang/Object;)Ljava/util/Enumeration;");
          mv.visitInsn(DUP);
          mv.visitJumpInsn(IFNULL, own);
          mv.visitInsn(ARETURN);
          mv.visitLabel(own);
          mv.visitFrame(F_SAME1, 0, null, 1, new Object[] {RESULT});
          mv.visitInsn(POP);
        }
      };
    }
  }
}
