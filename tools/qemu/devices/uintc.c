/*
 * UINTC, the user interrupt controller: the QEMU side.
 *
 * A thin sysbus device around the model of the project (uintr/model).  It owns
 * no state of the controller: it passes bus accesses to the model, and the
 * model's lines to the harts.  The iothread lock, held in all of these, is the
 * model's only lock.  The uipi instructions of the harts arrive here as bus
 * accesses too.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/memalign.h"
#include "qemu/module.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "hw/intc/uintc.h"
#include "trace.h"

OBJECT_DECLARE_SIMPLE_TYPE(UintcState, UINTC)

struct UintcState {
    /*< private >*/
    SysBusDevice parent_obj;

    /*< public >*/
    MemoryRegion mmio;
    qemu_irq *lines;
    UintcModel *model;
    UintcConfig config;
};

static MemTxResult uintc_read(void *opaque, hwaddr offset, uint64_t *value,
                              unsigned size, MemTxAttrs attrs)
{
    UintcState *s = opaque;

    if (!uintc_model_read(s->model, offset, size, value)) {
        return MEMTX_ERROR;
    }
    trace_uintc_read(offset, *value);
    return MEMTX_OK;
}

static MemTxResult uintc_write(void *opaque, hwaddr offset, uint64_t value,
                               unsigned size, MemTxAttrs attrs)
{
    UintcState *s = opaque;

    trace_uintc_write(offset, value);
    return uintc_model_write(s->model, offset, value, size) ? MEMTX_OK
                                                            : MEMTX_ERROR;
}

/* Which accesses are bus errors is the model's business, so all sizes pass. */
static const MemoryRegionOps uintc_ops = {
    .read_with_attrs = uintc_read,
    .write_with_attrs = uintc_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = {
        .min_access_size = 1,
        .max_access_size = 8,
    },
    .impl = {
        .min_access_size = 1,
        .max_access_size = 8,
    },
};

static void uintc_set_line(void *opaque, unsigned hart, bool level)
{
    UintcState *s = opaque;

    trace_uintc_set_line(hart, level);
    qemu_set_irq(s->lines[hart], level);
}

static void uintc_guest_error(void *opaque, const char *message, uint64_t a,
                              uint64_t b)
{
    trace_uintc_guest_error(message, a, b);
    qemu_log_mask(LOG_GUEST_ERROR, "%s (0x%" PRIx64 ", 0x%" PRIx64 ")\n",
                  message, a, b);
}

static void uintc_realize(DeviceState *dev, Error **errp)
{
    UintcState *s = UINTC(dev);
    UintcHost host = {
        .opaque = s,
        .set_line = uintc_set_line,
        .guest_error = uintc_guest_error,
    };
    size_t size = uintc_model_size(&s->config);

    if (!size) {
        error_setg(errp, "uintc: 1 to 65536 entries");
        return;
    }
    memory_region_init_io(&s->mmio, OBJECT(dev), &uintc_ops, s, TYPE_UINTC,
                          (uint64_t)s->config.entries * UINTC_ENTRY_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);

    s->lines = g_new0(qemu_irq, s->config.harts);
    qdev_init_gpio_out(dev, s->lines, s->config.harts);
    s->model = uintc_model_init(qemu_memalign(16, size), &s->config, &host);
}

static void uintc_reset(DeviceState *dev)
{
    uintc_model_reset(UINTC(dev)->model);
}

/* The harts' part of user interrupts has no snapshot either */
static const VMStateDescription uintc_vmstate = {
    .name = TYPE_UINTC,
    .unmigratable = 1,
};

static Property uintc_properties[] = {
    DEFINE_PROP_UINT32("entries", UintcState, config.entries, 512),
    DEFINE_PROP_UINT32("num-harts", UintcState, config.harts, 1),
    DEFINE_PROP_END_OF_LIST(),
};

static void uintc_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);

    device_class_set_props(dc, uintc_properties);
    dc->realize = uintc_realize;
    dc->reset = uintc_reset;
    dc->vmsd = &uintc_vmstate;
    /* Its lines need a board that wires them to harts */
    dc->user_creatable = false;
}

static const TypeInfo uintc_info = {
    .name          = TYPE_UINTC,
    .parent        = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(UintcState),
    .class_init    = uintc_class_init,
};

static void uintc_register_types(void)
{
    type_register_static(&uintc_info);
}

type_init(uintc_register_types)

DeviceState *uintc_create(hwaddr base, uint32_t num_harts)
{
    DeviceState *dev = qdev_new(TYPE_UINTC);

    qdev_prop_set_uint32(dev, "num-harts", num_harts);
    sysbus_realize_and_unref(SYS_BUS_DEVICE(dev), &error_fatal);
    sysbus_mmio_map(SYS_BUS_DEVICE(dev), 0, base);
    return dev;
}

uint32_t uintc_entries(DeviceState *dev)
{
    return UINTC(dev)->config.entries;
}
