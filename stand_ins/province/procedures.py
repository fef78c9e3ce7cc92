"""Names of administrative procedures by agency, as the portal shows them: (field code, name)."""

from __future__ import annotations

_BY_AGENCY: dict[str, tuple[str, ...]] = {
    "VP": ("Cấp hộ chiếu công vụ", "Cho phép tổ chức hội nghị, hội thảo quốc tế", "Cử đoàn đi công tác nước ngoài"),
    "NV": (
        "Thành lập hội cấp tỉnh",
        "Phê duyệt điều lệ hội",
        "Tặng thưởng Bằng khen cấp tỉnh",
        "Cấp chứng chỉ hành nghề lưu trữ",
    ),
    "TC": (
        "Đăng ký mã số đơn vị có quan hệ với ngân sách",
        "Quyết định giá thuộc thẩm quyền của cấp tỉnh",
        "Thanh toán chi phí liên quan đến bán tài sản công",
        "Hiệp thương giá đối với hàng hóa, dịch vụ",
    ),
    "KHDT": (
        "Đăng ký thành lập công ty TNHH một thành viên",
        "Đăng ký thay đổi địa chỉ trụ sở chính của doanh nghiệp",
        "Cấp giấy chứng nhận đăng ký đầu tư",
        "Đăng ký hoạt động chi nhánh",
    ),
    "TP": (
        "Cấp Phiếu lý lịch tư pháp cho công dân Việt Nam",
        "Bổ nhiệm công chứng viên",
        "Đăng ký hành nghề luật sư",
        "Nhập quốc tịch Việt Nam",
    ),
    "CT": (
        "Thông báo hoạt động khuyến mại",
        "Cấp giấy phép bán buôn rượu",
        "Cấp giấy chứng nhận đủ điều kiện an toàn thực phẩm",
        "Đăng ký tổ chức hội chợ, triển lãm thương mại",
    ),
    "NN": (
        "Cấp giấy chứng nhận kiểm dịch động vật",
        "Đăng ký tàu cá",
        "Cấp giấy phép khai thác thủy sản",
        "Cấp giấy chứng nhận đủ điều kiện buôn bán thuốc bảo vệ thực vật",
    ),
    "GTVT": (
        "Đổi giấy phép lái xe",
        "Cấp giấy phép kinh doanh vận tải bằng xe ô tô",
        "Cấp phù hiệu xe ô tô",
        "Đăng ký phương tiện thủy nội địa",
    ),
    "XD": (
        "Cấp giấy phép xây dựng",
        "Cấp chứng chỉ hành nghề hoạt động xây dựng hạng II",
        "Thẩm định báo cáo nghiên cứu khả thi",
        "Cấp chứng chỉ hành nghề môi giới bất động sản",
    ),
    "TNMT": (
        "Đăng ký biến động quyền sử dụng đất",
        "Cấp đổi giấy chứng nhận quyền sử dụng đất",
        "Cấp giấy phép khai thác nước dưới đất",
        "Đăng ký thế chấp quyền sử dụng đất",
    ),
    "TTTT": (
        "Cấp giấy phép xuất bản bản tin",
        "Cấp giấy phép thiết lập trang thông tin điện tử tổng hợp",
        "Cấp giấy phép bưu chính",
    ),
    "LDTBXH": (
        "Cấp giấy phép lao động cho người nước ngoài",
        "Giải quyết chế độ trợ cấp thờ cúng liệt sĩ",
        "Đăng ký hợp đồng nhận lao động thực tập",
        "Cấp giấy xác nhận thân nhân người có công",
    ),
    "VHTTDL": (
        "Cấp thẻ hướng dẫn viên du lịch nội địa",
        "Cấp giấy phép kinh doanh karaoke",
        "Tiếp nhận hồ sơ thông báo sản phẩm quảng cáo",
    ),
    "KHCN": ("Cấp giấy phép tiến hành công việc bức xạ", "Đăng ký kết quả nhiệm vụ khoa học và công nghệ"),
    "GDDT": (
        "Cấp bản sao văn bằng, chứng chỉ từ sổ gốc",
        "Chuyển trường đối với học sinh trung học phổ thông",
        "Cho phép trung tâm ngoại ngữ hoạt động giáo dục",
    ),
    "YT": (
        "Cấp chứng chỉ hành nghề khám bệnh, chữa bệnh",
        "Cấp giấy chứng nhận đủ điều kiện kinh doanh dược",
        "Công bố đủ điều kiện tiêm chủng",
        "Cấp giấy phép hoạt động phòng khám đa khoa",
    ),
    "TT": ("Giải quyết khiếu nại lần hai", "Giải quyết tố cáo", "Tiếp công dân"),
    "BDT": ("Công nhận người có uy tín trong đồng bào dân tộc thiểu số", "Đưa ra khỏi danh sách người có uy tín"),
    "KCN": (
        "Cấp giấy chứng nhận đăng ký đầu tư trong khu công nghiệp",
        "Cấp giấy phép xây dựng trong khu công nghiệp",
        "Đăng ký nội quy lao động của doanh nghiệp",
    ),
}
_DISTRICT = (
    "Đăng ký kết hôn có yếu tố nước ngoài",
    "Thay đổi, cải chính hộ tịch",
    "Chứng thực bản sao từ bản chính",
    "Đăng ký thành lập hộ kinh doanh",
    "Cấp giấy phép xây dựng nhà ở riêng lẻ",
    "Chuyển mục đích sử dụng đất",
    "Cấp lại giấy chứng nhận quyền sử dụng đất",
    "Hỗ trợ chi phí mai táng cho đối tượng bảo trợ xã hội",
)


def names(short_name: str, *, is_district: bool) -> tuple[str, ...]:
    """The procedures that bring an agency most of its dossiers; a general pair for an agency we know nothing of."""
    if is_district:
        return _DISTRICT
    return _BY_AGENCY.get(short_name, ("Cấp giấy phép hoạt động", "Cấp giấy xác nhận"))
